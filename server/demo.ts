import type { Routes } from './access/route.ts';
import type { Clients } from './clients/index.ts';
import { formatPhone } from './clients/phone-number.ts';
import type { Clock } from './kernel/clock.ts';
import { AppError } from './kernel/errors.ts';
import type { RoutingSetup } from './routing/store.ts';

/** Clients offered on the demo's phone; any other number can be typed. */
const callersShown = 12;

export interface DemoOptions {
  readonly setup: RoutingSetup;
  readonly clients: Pick<Clients, 'search'>;
  readonly clock: Clock;
  readonly realm: string;
}

/** What the page /demo needs: the line to call, and some clients to be. Mounted while the demo runs only. */
export function demoRoutes({ setup, clients, clock, realm }: DemoOptions): Routes {
  return (mount) => {
    mount('GET /api/v1/demo', async () => {
      const [line] = setup.lines;
      if (!line) throw new AppError('not_found', 'the demo has no line');
      const items = await clients.search('+7', callersShown, null);
      const callers = items.flatMap(({ name, contactPoints }) => {
        const phone = contactPoints.find((point) => point.kind === 'phone' && point.value.startsWith('+'));
        return phone ? [{ number: phone.value, name }] : [];
      });
      return {
        line: { id: line.id, name: line.name, number: line.number, display: formatPhone(line.number) },
        realm,
        callers,
        serverTime: new Date(clock.now()).toISOString(),
      };
    });
  };
}
