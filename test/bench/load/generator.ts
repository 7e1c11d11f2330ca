/** The load generator's process: does what it is asked over the IPC channel, and ends with its parent. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Browsers, openBrowsers } from './browsers.ts';
import { openCallers } from './callers.ts';
import { openPhones } from './phones.ts';
import { type CommandName, type Commands, type Reply, type Request, talkSpread } from './protocol.ts';

const sipPort = Number(process.argv[2]);
const lagResolutionMs = 5;
const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
lag.enable();

const seen = { refillMs: [] as number[], popMs: [] as number[], retransmissions: 0, repeats: 0 };
const onRetransmission = (): void => void seen.retransmissions++;
const onRepeat = (): void => void seen.repeats++;

const callers = await openCallers({ sipPort, onRetransmission, onRepeat });
/** Talk of a caller who hangs up himself; undefined = the agent does. */
let callersTalkMs: number | undefined;
const phones = await openPhones({
  sipPort,
  onRing: callers.rung,
  onAnswer: (number) => {
    const factor = 1 - talkSpread + 2 * talkSpread * Math.random();
    callers.served(number, callersTalkMs === undefined ? undefined : callersTalkMs * factor);
  },
  onRefill: (ms) => void seen.refillMs.push(ms),
  onRetransmission,
  onRepeat,
});
let browsers: Browsers | undefined;

const commands: { [N in CommandName]: (input: Commands[N]['input']) => Promise<Commands[N]['output']> } = {
  async register(plan) {
    callersTalkMs = plan.hangsUp === 'caller' ? plan.talkMs : undefined;
    await phones.register(plan);
    return null;
  },
  async unregister() {
    browsers?.close();
    await phones.unregister();
    return null;
  },
  async browse({ url, browsers: wanted }) {
    browsers = await openBrowsers(url, wanted, (number) => {
      const ms = callers.sinceInvite(number);
      if (ms !== undefined) seen.popMs.push(ms);
    });
    return null;
  },
  call: ({ batch, plan }) => callers.call(batch, plan),
  progress: async ({ batch }) => callers.progress(batch),
  async stop({ batch }) {
    callers.stop(batch);
    return null;
  },
  async take() {
    const taken = { ...seen, lagMs: lag.percentile(99) / 1e6 - lagResolutionMs };
    lag.reset();
    Object.assign(seen, { refillMs: [], popMs: [], retransmissions: 0, repeats: 0 });
    return taken;
  },
};

const reply = (answer: Reply): void => void process.send?.(answer);

process.on('message', (message) => {
  const { id, name, input } = message as Request;
  const command = commands[name] as (input: unknown) => Promise<Commands[CommandName]['output']>;
  command(input).then(
    (value) => reply({ id, value }),
    (error: unknown) => reply({ id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, value: null } satisfies Reply);
