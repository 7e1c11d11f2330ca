import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Receive } from '../channels/channel.ts';
import type { VoiceAdapter } from '../channels/voice/adapter.ts';
import type { Database } from '../db/client.ts';
import { migrate } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { seedDemo } from '../db/seed/demo.ts';
import {
  auditCalls,
  createAccess,
  type FirstAdministrator,
  hashPassword,
  makeFirstAdministrator,
} from './access/index.ts';
import { seesAll } from './access/route.ts';
import { type CallsContext, createCalls, createLiveCalls } from './calls/index.ts';
import { createClientExport } from './clients/export/index.ts';
import { createClientImports } from './clients/import/index.ts';
import { createClients, type Look } from './clients/index.ts';
import type { Config } from './config.ts';
import { buildApp } from './http/app.ts';
import { createMetricsRegistry } from './http/metrics.ts';
import { systemClock } from './kernel/clock.ts';
import { type ClientId, uuidv7 } from './kernel/ids.ts';
import { createJournal } from './kernel/journal.ts';
import type { Log } from './kernel/log.ts';
import { liveBoard } from './live-board.ts';
import { addMessageMetrics } from './message-accounts/metrics.ts';
import { accountRules } from './message-accounts/rules.ts';
import { createMessageParts } from './message-parts.ts';
import { queueSounds } from './queue-sounds.ts';
import { createGateway } from './realtime/socket-gateway.ts';
import { createReports } from './reports/index.ts';
import { createDispatcher } from './routing/dispatcher.ts';
import { openSetup } from './routing/live-setup.ts';
import { createPresence } from './routing/presence.ts';
import { createRoster } from './routing/roster.ts';
import type { RoutingSetup } from './routing/store.ts';
import { createSetup } from './setup/index.ts';
import { addSipMetrics } from './sip-metrics.ts';
import { createTasks } from './tasks/index.ts';
import { createTimeline } from './timeline/index.ts';
import { version } from './version.ts';
import { createVoiceParts } from './voice-parts.ts';
import { createWorksWith } from './works-with.ts';

/** SIP domain of every account, and the realm of its digest. */
const realm = 'switchroom';
/** Calls in hand above which a new one is refused: about what one machine's media carries, with room. */
const maxCalls = 5_000;

/** A running contact center. */
export interface Switchroom {
  /** Where browsers find it. */
  readonly url: string;
  readonly sipPort: number;
  readonly setup: RoutingSetup;
  readonly db: Database;
  readonly voice: VoiceAdapter;
  /** Made just now, because nobody could sign in; to be told to whoever started this. */
  readonly firstAdministrator: FirstAdministrator | null;
  /** Ends calls in hand, closes every listener, then the database. Idempotent. */
  close(): Promise<void>;
}

/**
 * Builds every room and opens the doors: the only place that sees everything.
 * @throws AppError `unavailable` for the database, the bind error of a taken port
 */
export async function startSwitchroom(config: Config, log: Log): Promise<Switchroom> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = closeOnce(closers, log);
  try {
    return await open(config, log, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Closes in the opposite order of opening; one failure does not keep the rest open. */
function closeOnce(closers: (() => Promise<void> | void)[], log: Log): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    for (const closer of closers.reverse()) {
      try {
        await closer();
      } catch (error) {
        log.error({ err: error }, 'a part did not close in order');
      }
    }
  };
  return () => {
    closing ??= closeAll();
    return closing;
  };
}

async function open(
  config: Config,
  log: Log,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Switchroom> {
  const clock = systemClock;
  const db = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir, log });
  closers.push(() => db.close());
  await migrate(db);
  const seeded = config.demo
    ? await seedDemo(db, { password: config.demoPassword, now: new Date(clock.now()), hashPassword })
    : false;
  if (seeded) log.info('demo company created');
  const firstAdministrator = config.demo ? null : await makeFirstAdministrator(db);

  const access = await createAccess({ db, clock, log, realm });
  closers.push(() => access.close());
  const journal = createJournal({ db, log, after: clock.after });
  closers.push(() => journal.close());
  journal.subscribe(auditCalls(access));
  const noteLook = ({ userId, clientId, allowed }: Look): void =>
    access.note({ userId, action: 'client.viewed', subject: `client:${clientId}`, clientId, allowed });
  const gateway = createGateway({
    access,
    clock,
    log,
    mayWatch: async (user, card) => seesAll(user) || (await clients.isVisible(card, user)),
    onRefused: (user, clientId) => noteLook({ userId: user.id, clientId, allowed: false }),
  });
  closers.push(() => gateway.close());
  const recordingsDir = join(config.dataDir, 'recordings');
  await mkdir(recordingsDir, { recursive: true });
  const cardChanged = (clientId: ClientId, changed: number): void => {
    gateway.pushToCard(clientId, { type: 'client-changed', clientId, version: changed });
    calls
      .clientChanged(clientId)
      .catch((error: unknown) => log.warn({ err: error, clientId }, 'a call keeps an old name'));
  };
  const clients = createClients({
    db,
    clock,
    journal,
    sight: { teams: access.teams, worksWith: createWorksWith({ clock, inHand: (userId) => calls.inHand(userId) }) },
    onLook: noteLook,
    onChanged: cardChanged,
    onMoved: ({ interactionIds, to }) => void calls.clientMoved(interactionIds, to),
  });
  const imports = createClientImports({
    db,
    clock,
    journal,
    log,
    folder: join(config.dataDir, 'imports'),
    onChanged: cardChanged,
  });
  closers.push(() => imports.close());
  const timeline = createTimeline({
    db,
    clock,
    journal,
    clients,
    recordingsDir,
    onEntry: (entry) =>
      gateway.pushToCard(entry.clientId as Parameters<typeof gateway.pushToCard>[0], { type: 'timeline', entry }),
  });

  const setup = await openSetup(db);
  const roster = createRoster(setup, clock);
  closers.push(() => roster.close());
  const dispatcher = createDispatcher({ roster, queues: setup.queues, clock });
  closers.push(() => dispatcher.close());
  const presence = createPresence({ db, setup, roster, journal, clock });

  const receive: Receive = (event) => (event.type === 'call.arrived' ? calls.receive(event) : messages.receive(event));
  const voiceParts = createVoiceParts({
    config,
    clock,
    log,
    access,
    setup,
    realm,
    receive,
  });
  const { voice, media } = voiceParts;

  const context: CallsContext = {
    db,
    voice,
    setup,
    roster,
    dispatcher,
    presence,
    clients,
    clientOfVisitor: (visitor) => messages.clientOfVisitor(visitor),
    teams: access.teams,
    onLook: noteLook,
    timeline,
    pushes: gateway,
    journal,
    clock,
    log,
    live: createLiveCalls(),
    nodeId: uuidv7(),
    recordingsDir,
    maxCalls,
  };
  const calls = createCalls(context);
  let url = '';
  const messageParts = createMessageParts({
    config,
    db,
    clock,
    log,
    journal,
    setup,
    roster,
    clients,
    timeline,
    gateway,
    realm,
    receive,
    url: () => url,
    createTask: (task) => tasks.addByRule(task),
  });
  const { messages, accounts } = messageParts;
  closers.push(() => messageParts.close());
  const onOwedChanged = (): void => reports.owedChanged();
  const tasks = createTasks({ db, clock, log, journal, clients, setup, pushes: gateway, onOwedChanged });
  closers.push(() => tasks.close());
  const countOwed = tasks.owed.count;
  const reports = createReports({
    db,
    clock,
    log,
    journal,
    setup,
    teams: access.teams,
    countOwed,
    messagesNow: messages.now,
  });
  closers.push(() => reports.close());
  gateway.onOfferSeen = calls.offerSeen;
  gateway.onConnection = messages.connectionChanged;
  await calls.recover();
  await journal.replay();
  await reports.start();
  await calls.warmUp();
  await tasks.start();
  await messages.start();
  await imports.start();

  const soundsDir = join(config.dataDir, 'sounds');
  const loadSounds = queueSounds({ media, setup, soundsDir, log });
  const setupRoom = createSetup({
    db,
    clock,
    log,
    access,
    journal,
    setup,
    roster,
    dispatcher,
    soundsDir,
    isRegistered: (login) => voice.isRegistered(login),
    hasBrowserPhone: (login) => voice.phoneKind(login) === 'browser',
    accountRules,
    tryAccount: accounts.tryOut,
    accountHealth: accounts.health,
    publicUrl: () => url,
    onTrunksChanged: voiceParts.applyTrunks,
    onChanged: (kind, id) => {
      if (kind === 'sound') void loadSounds();
      if (kind === 'channel_account') void accounts.apply();
      tasks.settingChanged();
      reports.settingChanged();
      messages.settingChanged();
      gateway.pushSetupChange(kind, id);
    },
  });
  closers.push(() => setupRoom.close());
  const { onRegistration } = voice;
  voice.onRegistration = (aor, registered) => {
    onRegistration?.(aor, registered);
    const agent = registered && voice.phoneKind(aor) === 'browser' ? roster.byLogin(aor) : undefined;
    if (agent)
      setupRoom.browserPhoneSeen(agent.id).catch((error: unknown) => log.warn({ err: error }, 'fact is not kept'));
  };

  const metrics = createMetricsRegistry();
  addSipMetrics({ registry: metrics, stats: () => voice.sip.stats(), callsInHand: () => context.live.size });
  addMessageMetrics({ registry: metrics, accounts });
  const app = await buildApp({
    config,
    log,
    access,
    routes: [
      access.routes,
      clients.routes,
      imports.routes,
      timeline.routes,
      tasks.routes,
      reports.routes,
      ...messageParts.routes,
      setupRoom.routes,
      calls.routes({
        me: (user) => access.me(user.id),
        seq: (userId) => gateway.seq(userId),
        owed: (userId) => tasks.owed.of(userId),
        conversations: (userId) => messages.mine(userId),
        async testCall(user) {
          const result = await calls.testCall(user);
          if (result.passed) await setupRoom.testCallPassed(user.id);
          return result;
        },
      }),
    ],
    uiFolder: fileURLToPath(new URL('../dist/softphone', import.meta.url)),
    version,
    gateway,
    sip: { accept: voice.handleUpgrade, admit: messageParts.admitTo(voice), allowAnonymous: () => config.demo },
    recordingFile: timeline.recordingFile,
    sounds: setupRoom.sounds,
    imports,
    messageFiles: messages.files,
    clientExport: createClientExport({ db, scopeOf: clients.visibility.scopeOf, audit: access.audit }),
    webhook: accounts.webhook,
    checks: { database: () => db.ping() },
    metrics,
  });
  closers.push(() => app.close());
  await loadSounds();
  await voiceParts.start();
  closers.push(() => voiceParts.close());
  closers.push(() => calls.close());
  const board = liveBoard({ gateway, journal, clock, log, queues: calls.queues, reports });
  closers.push(() => board.close());
  await app.listen({ host: config.host, port: config.port });
  url = urlOf(app, config);
  await accounts.start();
  closers.push(() => messageParts.close());
  return { url, sipPort: voice.sipPort, setup, db, voice, firstAdministrator, close };
}

function urlOf(app: FastifyInstance, config: Config): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : config.port;
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host;
  return config.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
