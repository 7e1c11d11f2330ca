/** Finds who answers for a local tag: an INVITE not answered yet, one on its way out, or a dialog. */
import type { SipRequest } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/layer.ts';
import type { Flow } from '../transport/flow.ts';

export interface DialogOwner {
  /** A request with our tag in To. Whether Call-ID and the peer's tag fit is the owner's to check. */
  receive(request: SipRequest, transaction: ServerTransaction, flow: Flow): void;
  /** The ACK of a 2xx. */
  acknowledge(request: SipRequest): void;
  /** The stack closes: end with the peer, tell nobody. */
  shutDown(): void;
}

export interface DialogTable {
  /** A tag changes its owner when an INVITE becomes a dialog. */
  set(localTag: string, owner: DialogOwner): void;
  get(localTag: string): DialogOwner | undefined;
  /** Only when the owner is still the one given. */
  delete(localTag: string, owner: DialogOwner): void;
  owners(): readonly DialogOwner[];
  readonly size: number;
}

export function createDialogTable(): DialogTable {
  const owners = new Map<string, DialogOwner>();
  return {
    set: (localTag, owner) => void owners.set(localTag, owner),
    get: (localTag) => owners.get(localTag),
    delete(localTag, owner) {
      if (owners.get(localTag) === owner) owners.delete(localTag);
    },
    owners: () => [...owners.values()],
    get size() {
      return owners.size;
    },
  };
}
