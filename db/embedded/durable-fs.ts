import * as fs from 'node:fs';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import type { LogSync } from './log-sync.ts';
import { syncPathNow } from './sync-path.ts';

/** The parts of Emscripten's NODEFS that we touch. */
interface NodeFsNode {
  readonly name: string;
  readonly parent: NodeFsNode;
}
interface NodeFsStream {
  readonly node: NodeFsNode;
  /** Absent for directories. */
  readonly nfd?: number;
}
type StreamOperation = (stream: NodeFsStream, ...rest: unknown[]) => unknown;
type NodeOperation = (node: NodeFsNode, ...rest: unknown[]) => unknown;
interface NodeFsModule {
  readonly NODEFS: {
    readonly stream_ops: Record<'write' | 'setattr' | 'close' | 'fsync', StreamOperation>;
    readonly node_ops: Record<'setattr' | 'rename' | 'unlink' | 'rmdir', NodeOperation>;
    realPath(node: NodeFsNode): string;
  };
  onAbort?: (reason: unknown) => void;
}

type Init = NodeFS['init'];

/**
 * PGlite's file system on real files, with an fsync that reaches the disk. Emscripten's NODEFS has no `fsync` at all:
 * without the hook `fsync = on` changes nothing, and a power failure takes commits that were acknowledged.
 *
 * The fsync of the log is deferred to `log`; everything else waits for the log first (its rule 2).
 *
 * `onFailure` hears of an fsync that failed and of an abort of the engine. Neither may be survived: after a failed
 * fsync the kernel has dropped the pages, and a second, successful one would lie.
 */
export class DurableNodeFs extends NodeFS {
  readonly #log: LogSync;
  readonly #onFailure: (error: unknown) => void;

  constructor(dataDir: string, log: LogSync, onFailure: (error: unknown) => void) {
    super(dataDir);
    this.#log = log;
    this.#onFailure = onFailure;
  }

  override async init(...[pglite, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(pglite, options);
    const hook = (module: unknown): void => {
      const target = module as NodeFsModule;
      target.onAbort = (reason) => this.#onFailure(new Error(`the engine aborted: ${String(reason)}`));
      hookSync(target, this.#log, this.#onFailure);
      hookOrder(target, this.#log);
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), hook] } as never };
  }
}

const isLog = (node: NodeFsNode): boolean => node.parent.name === 'pg_wal';

function hookSync({ NODEFS }: NodeFsModule, log: LogSync, onFailure: (error: unknown) => void): void {
  NODEFS.stream_ops.fsync = ({ node, nfd }) => {
    if (nfd !== undefined && isLog(node)) {
      log.defer(nfd);
      return 0;
    }
    log.flush();
    try {
      if (nfd === undefined) syncPathNow(NODEFS.realPath(node));
      else fs.fdatasyncSync(nfd);
      return 0;
    } catch (error) {
      onFailure(error);
      throw error;
    }
  };
}

/** The log goes to the disk before anything else changes there, and before one of its files is closed. */
function hookOrder({ NODEFS: { stream_ops, node_ops } }: NodeFsModule, log: LogSync): void {
  const { write, close, setattr } = stream_ops;
  stream_ops.write = (stream, ...rest) => {
    if (!log.settled && !isLog(stream.node)) log.flush();
    return write(stream, ...rest);
  };
  stream_ops.close = (stream, ...rest) => {
    if (isLog(stream.node)) log.flush();
    return close(stream, ...rest);
  };
  stream_ops.setattr = (stream, ...rest) => {
    log.flush();
    return setattr(stream, ...rest);
  };
  for (const name of ['setattr', 'rename', 'unlink', 'rmdir'] as const) {
    const operation = node_ops[name];
    node_ops[name] = (node, ...rest) => {
      log.flush();
      return operation(node, ...rest);
    };
  }
}
