import type { Outside } from '../channels/demo/outside.ts';
import type { Routes } from './access/route.ts';
import type { Clients } from './clients/index.ts';
import { formatPhone, parsePhoneNumber } from './clients/phone-number.ts';
import type { Clock } from './kernel/clock.ts';
import { AppError } from './kernel/errors.ts';
import { newId } from './kernel/ids.ts';
import type { RoutingSetup } from './routing/store.ts';

/** Clients offered on the demo's phone; any other number can be typed. */
const callersShown = 12;

/** Addresses of ours that clients of the demo write to. */
export interface DemoAddresses {
  readonly smsNumber: string | null;
  readonly mailAddress: string | null;
  readonly chatScript: string | null;
}

export interface DemoOptions {
  readonly setup: RoutingSetup;
  readonly clients: Pick<Clients, 'search'>;
  readonly clock: Clock;
  readonly realm: string;
  readonly outside: Outside;
  /** As they are set up now. */
  readonly addresses: () => Promise<DemoAddresses>;
}

/** What the page /demo needs: the line to call, addresses to write to, and some clients to be. Mounted while the demo runs only. */
export function demoRoutes({ setup, clients, clock, realm, outside, addresses }: DemoOptions): Routes {
  /** A number as phones know it; a mail address as it is. */
  const ownerOf = (kind: 'sms' | 'email', typed: string): string => {
    if (kind === 'email') return typed.trim().toLowerCase();
    const { value, reason } = parsePhoneNumber(typed, setup.company.region);
    if (reason !== null || value === '') throw new AppError('invalid_number', `"${typed}" is no number`);
    return value;
  };
  return (mount) => {
    mount('GET /api/v1/demo', async () => {
      const [line] = setup.lines;
      if (!line) throw new AppError('not_found', 'the demo has no line');
      const items = await clients.search('+7', callersShown, null);
      const callers = items.flatMap(({ name, contactPoints }) => {
        const phone = contactPoints.find((point) => point.kind === 'phone' && point.value.startsWith('+'));
        const email = contactPoints.find((point) => point.kind === 'email')?.value ?? '';
        return phone ? [{ number: phone.value, name, email }] : [];
      });
      return {
        line: { id: line.id, name: line.name, number: line.number, display: formatPhone(line.number) },
        realm,
        callers,
        ...(await addresses()),
        serverTime: new Date(clock.now()).toISOString(),
      };
    });

    mount('GET /api/v1/demo/messages', async ({ query: { kind, owner } }) => ({
      items: outside.read(kind, ownerOf(kind, owner)).map(({ id, at, direction, peer, subject, text, files }) => ({
        id,
        at: new Date(at).toISOString(),
        direction,
        peer,
        subject,
        text,
        files: [...files],
      })),
    }));

    mount('POST /api/v1/demo/messages', async ({ body }) => {
      const { owner: typed, name: ownerName, id = newId<string>(), ...writing } = body;
      const { kind } = writing;
      const { smsNumber, mailAddress } = await addresses();
      const peer = kind === 'sms' ? smsNumber : mailAddress;
      if (peer === null) throw new AppError('not_found', 'the demo has no such channel');
      await outside.write({ ...writing, id, owner: ownerOf(kind, typed), ownerName, peer });
      return { ok: true };
    });
  };
}
