import * as fs from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { syncPathNow } from './sync-path.ts';

/** The parts of Emscripten's NODEFS that we touch. */
interface NodeFsNode {
  readonly parent: NodeFsNode;
}
interface NodeFsStream {
  readonly node: NodeFsNode;
  /** Absent for directories. */
  readonly nfd?: number;
}
interface NodeFsModule {
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: NodeFsStream) => number };
    realPath(node: NodeFsNode): string;
  };
  onAbort?: (reason: unknown) => void;
}

type Init = NodeFS['init'];

/**
 * PGlite's file system on real files, with an fsync that reaches the disk. Emscripten's NODEFS has no `fsync` at all:
 * without the hook `fsync = on` changes nothing, and a power failure takes commits that were acknowledged.
 *
 * `onFailure` hears of an fsync that failed and of an abort of the engine. Neither may be survived: after a failed
 * fsync the kernel has dropped the pages, and a second, successful one would lie.
 */
export class DurableNodeFs extends NodeFS {
  readonly #onFailure: (error: unknown) => void;

  constructor(dataDir: string, onFailure: (error: unknown) => void) {
    super(dataDir);
    this.#onFailure = onFailure;
  }

  override async init(...[pglite, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(pglite, options);
    const hook = (module: unknown): void => this.#hook(module as NodeFsModule);
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), hook] } as never };
  }

  #hook(module: NodeFsModule): void {
    const { NODEFS } = module;
    module.onAbort = (reason) => this.#onFailure(new Error(`the engine aborted: ${String(reason)}`));
    NODEFS.stream_ops.fsync = (stream) => {
      try {
        if (stream.nfd === undefined) syncPathNow(NODEFS.realPath(stream.node));
        else fs.fdatasyncSync(stream.nfd);
        return 0;
      } catch (error) {
        this.#onFailure(error);
        throw error;
      }
    };
  }
}
