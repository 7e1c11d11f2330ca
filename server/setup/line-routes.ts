import { eq } from 'drizzle-orm';
import { trunks } from '../../db/schema/index.ts';
import { reachOf } from '../access/index.ts';
import type { Routes } from '../access/route.ts';
import { areaOf, parsePhoneNumber } from '../clients/phone-number.ts';
import type { NewQueue } from '../contract/setup-schemas.ts';
import { AppError } from '../kernel/errors.ts';
import type { QueueId, TrunkId } from '../kernel/ids.ts';
import { isOpen } from '../routing/opening-hours.ts';
import type { Turn } from './changes.ts';
import { done, found, merged, type SetupContext } from './context.ts';
import { concerned, requireReach } from './reach.ts';
import { type LineData, lineSubject, type TrunkData, trunkSubject } from './subjects/lines.ts';
import type { QueueData } from './subjects/queue.ts';
import { lineViews, queueViews, trunkViews } from './views.ts';

/** The password is no field of a trunk: written apart, noted as a change of its own. */
async function writePassword({ tx, note }: Turn, id: number, password: string | undefined): Promise<void> {
  if (password === undefined) return;
  await tx.orm
    .update(trunks)
    .set({ password })
    .where(eq(trunks.id, id as TrunkId));
  await note(trunkSubject, id, 'password_reset');
}

const newTrunk: Omit<TrunkData, 'name' | 'host'> = {
  port: 5060,
  transport: 'udp',
  addresses: [],
  username: '',
  numberFormat: 'e164',
};

/** Operations on carriers. */
export function trunkRoutes({ db, changes }: SetupContext): Routes {
  const view = async (id: number) => found(await trunkViews(db), id);

  return (mount) => {
    mount('GET /api/v1/setup/trunks', async () => ({ items: await trunkViews(db) }));

    mount('POST /api/v1/setup/trunks', async ({ body: { password, ...body }, user }) => {
      const id = await changes.run(user, async (turn) => {
        const made = await turn.create(trunkSubject, { ...newTrunk, ...body });
        await writePassword(turn, made, password || undefined);
        return made;
      });
      return view(id);
    });

    mount('PATCH /api/v1/setup/trunks/:id', async ({ params: { id }, body: { password, ...body }, user }) => {
      await changes.run(user, async (turn) => {
        await turn.edit(trunkSubject, { id, version: body.version }, (data) => merged(data, body));
        await writePassword(turn, id, password);
      });
      return view(id);
    });

    mount('DELETE /api/v1/setup/trunks/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(trunkSubject, { id, version: query.version }));
      return done;
    });
  };
}

/** @throws AppError `invalid_number` */
function e164Of(typed: string, region: string, area: string): string {
  const { e164, reason } = parsePhoneNumber(typed, region, area);
  if (e164 !== null) return e164;
  const errors = [{ path: 'body/number', message: 'is not a phone number' }];
  throw new AppError('invalid_number', 'the number has no international form', { details: { reason, errors } });
}

/** Operations on numbers of ours. */
export function lineRoutes({ db, changes, setup }: SetupContext): Routes {
  const view = async (id: number) => found(await lineViews(db), id);
  /** Bare local numbers are read as neighbours of the first line. */
  const area = (): string => (setup.lines[0] ? areaOf(setup.lines[0].number) : '');
  const lineOf = (data: LineData, number: string | undefined): LineData =>
    number === undefined ? data : { ...data, number: e164Of(number, data.region, area()) };

  return (mount) => {
    mount('GET /api/v1/setup/lines', async () => ({ items: await lineViews(db) }));

    mount('POST /api/v1/setup/lines', async ({ body, user }) => {
      const data = lineOf({ ...body, region: body.region ?? setup.company.region }, body.number);
      return view(await changes.run(user, (turn) => turn.create(lineSubject, data)));
    });

    mount('PATCH /api/v1/setup/lines/:id', async ({ params: { id }, body: { number, ...body }, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(lineSubject, { id, version: body.version }, (data) => lineOf(merged(data, body), number)),
      );
      return view(id);
    });

    mount('DELETE /api/v1/setup/lines/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(lineSubject, { id, version: query.version }));
      return done;
    });
  };
}

const newQueue: Omit<QueueData, 'name'> = {
  ringSeconds: 15,
  responsibleSeconds: 15,
  wrapUpSeconds: 60,
  wrapUpMode: 'mandatory_timeboxed',
  recordCalls: true,
  maxWaitSeconds: null,
  afterMaxWait: 'voicemail',
  hours: null,
  outOfHours: 'voicemail',
  greetingSoundId: null,
  musicSoundId: null,
  closedSoundId: null,
  priority: 0,
  responseMinutes: 60,
  memberIds: [],
};
const queueOf = (body: NewQueue): QueueData => ({ ...newQueue, ...body });

/** Operations on queues. */
export function queueRoutes({ db, changes, subjects, setup, clock }: SetupContext): Routes {
  const queues = subjects.queue;
  const list = () => queueViews(db, (id) => isOpen(setup, id as QueueId, clock.now()));
  const view = async (id: number) => found(await list(), id);

  return (mount) => {
    mount('GET /api/v1/setup/queues', async () => ({ items: await list() }));

    mount('POST /api/v1/setup/queues', async ({ body, user }) =>
      view(await changes.run(user, (turn) => turn.create(queues, queueOf(body)))),
    );

    mount('PATCH /api/v1/setup/queues/:id', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) => turn.edit(queues, { id, version: body.version }, (data) => merged(data, body)));
      return view(id);
    });

    mount('PUT /api/v1/setup/queues/:id/members', async ({ params: { id }, body, user }) => {
      await changes.run(user, (turn) =>
        turn.edit(queues, { id, version: body.version }, async (data) => {
          const reach = await reachOf(turn.tx, user);
          requireReach(reach, concerned(data.memberIds, body.userIds, reach));
          return { ...data, memberIds: body.userIds };
        }),
      );
      return view(id);
    });

    mount('DELETE /api/v1/setup/queues/:id', async ({ params: { id }, query, user }) => {
      await changes.run(user, (turn) => turn.remove(queues, { id, version: query.version }));
      return done;
    });
  };
}
