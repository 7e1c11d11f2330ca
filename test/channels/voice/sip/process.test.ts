import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';

test('a process whose port is taken ends with an error instead of hanging', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const server = new URL('../../../fixtures/sip/b2bua-server.ts', import.meta.url);
  const child = spawn(process.execPath, [server.pathname], {
    env: { ...process.env, SIP_PORT: String(port), WS_PORT: '0', CONTROL_PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let fault = '';
  child.stderr.on('data', (chunk) => {
    fault += chunk;
  });
  const [code] = await once(child, 'close');
  taken.close();
  expect(fault).toContain('EADDRINUSE');
  expect(code).not.toBe(0);
});
