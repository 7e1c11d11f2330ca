import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { processStart, takeLock } from '../../db/embedded/lock-file.ts';

const dir = fs.mkdtempSync(path.join(tmpdir(), 'switchroom-lock-'));
afterAll(() => fs.rmSync(dir, { recursive: true }));

let count = 0;
const freshPath = (): string => path.join(dir, `${++count}.lock`);
const holder = (changes: object) =>
  JSON.stringify({ pid: process.pid, start: processStart(process.pid), host: 'here', token: 'x', ...changes });

describe('takeLock', () => {
  it('is for one at a time, and names the holder', () => {
    const file = freshPath();
    const lock = takeLock(file);
    expect(() => takeLock(file)).toThrow(`in use by process ${process.pid}`);
    lock.release();
    lock.release();
    takeLock(file).release();
    expect(fs.existsSync(file)).toBe(false);
  });

  it.each([
    ['a process that is gone', holder({ pid: 2 ** 30 })],
    ['a process whose number another one has now', holder({ start: 'another boot 1' })],
    ['nobody: the file is empty', ''],
    ['nobody: the file is not ours', '[]'],
  ])('is taken over from %s', (_, content) => {
    const file = freshPath();
    fs.writeFileSync(file, content);
    const lock = takeLock(file);
    expect(() => takeLock(file)).toThrow('in use');
    lock.release();
    expect(fs.readdirSync(dir)).toEqual([]);
  });

  it('does not release what somebody else holds', () => {
    const file = freshPath();
    const lock = takeLock(file);
    fs.writeFileSync(file, holder({ token: 'taken over' }));
    lock.release();
    expect(fs.existsSync(file)).toBe(true);
    fs.rmSync(file);
  });

  it('of many that find the same stale lock, one gets it', async () => {
    const file = freshPath();
    fs.writeFileSync(file, holder({ pid: 2 ** 30 }));
    const gate = new Int32Array(new SharedArrayBuffer(4));
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.module).then(({ takeLock }) => {
        parentPort.postMessage('loaded');
        Atomics.wait(workerData.gate, 0, 0);
        try { takeLock(workerData.file); parentPort.postMessage('taken'); }
        catch (error) { parentPort.postMessage(error.code); }
      });`;
    const module = new URL('../../db/embedded/lock-file.ts', import.meta.url).href;
    const workers = Array.from(
      { length: 6 },
      () => new Worker(program, { eval: true, workerData: { module, file, gate } }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const results = workers.map((worker) => once(worker, 'message'));
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    const outcomes = (await Promise.all(results)).flat();
    expect(outcomes.toSorted()).toEqual(['taken', ...Array(5).fill('unavailable')]);
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(fs.readdirSync(dir)).toEqual([path.basename(file)]);
  });
});
