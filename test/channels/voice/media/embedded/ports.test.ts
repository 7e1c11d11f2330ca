import dgram from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { createPortPool, type PortPair } from '../../../../../channels/voice/media/embedded/ports.ts';
import { limits } from '../../../../../channels/voice/media/limits.ts';
import { findFreeUdpPorts } from '../../../../support/free-ports.ts';

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const each of cleanUp.splice(0)) each();
});

async function setUp(count: number, share = { offset: 0, stride: 1 }) {
  const first = await findFreeUdpPorts(count);
  let nowMs = 0;
  const pool = createPortPool({ host: '127.0.0.1', first, last: first + count - 1, now: () => nowMs, ...share });
  return {
    first,
    pool,
    advance(ms: number): void {
      nowMs += ms;
    },
    async open(): Promise<PortPair> {
      const pair = await pool.open(
        () => {},
        () => {},
      );
      cleanUp.push(() => pool.release(pair));
      return pair;
    },
  };
}

describe('the port pool', () => {
  it('gives out even and odd pairs until none is left', async () => {
    const { first, open } = await setUp(5);
    const pairs = [await open(), await open()];
    expect(pairs.map(({ rtp, rtcp }) => [rtp.port, rtcp.port])).toEqual([
      [first, first + 1],
      [first + 2, first + 3],
    ]);
    await expect(open()).rejects.toMatchObject({ code: 'no_ports' });
  });

  it('lets a freed pair rest before it is used again', async () => {
    const { pool, open, advance } = await setUp(2);
    pool.release(await open());
    await expect(open()).rejects.toMatchObject({ code: 'no_ports' });
    advance(limits.portQuarantineMs);
    await expect(open()).resolves.toBeDefined();
  });

  it.each([0, 1])('steps over a pair when another program holds its port %i', async (held) => {
    const { first, open } = await setUp(4);
    const other = dgram.createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(first + held, '127.0.0.1', resolve));
    cleanUp.push(() => other.close());
    expect((await open()).rtp.port).toBe(first + 2);
  });

  it('shares the range between workers', async () => {
    const { first, open } = await setUp(8, { offset: 1, stride: 2 });
    expect([(await open()).rtp.port, (await open()).rtp.port]).toEqual([first + 2, first + 6]);
    await expect(open()).rejects.toMatchObject({ code: 'no_ports' });
  });
});
