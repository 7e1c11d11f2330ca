/**
 * SHA-1 (RFC 3174) and HMAC-SHA1 (RFC 2104) in plain TypeScript, for one purpose: the tag of an SRTP packet. A
 * node:crypto HMAC object costs 14 us to make and cannot be reused; with the key's two blocks hashed beforehand, this
 * needs 1 us a packet and no allocation. Everything else uses node:crypto.
 */

/** The five words of a SHA-1 state. */
type State = Int32Array;

const blockBytes = 64;
const schedule = new Int32Array(80);

const initial = (): State => Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

function expand(data: Uint8Array, offset: number): void {
  const w = schedule;
  for (let i = 0, at = offset; i < 16; i++, at += 4) {
    w[i] =
      ((data[at] as number) << 24) |
      ((data[at + 1] as number) << 16) |
      ((data[at + 2] as number) << 8) |
      (data[at + 3] as number);
  }
  for (let i = 16; i < 80; i++) {
    const x = (w[i - 3] as number) ^ (w[i - 8] as number) ^ (w[i - 14] as number) ^ (w[i - 16] as number);
    w[i] = (x << 1) | (x >>> 31);
  }
}

/** Folds one block of 64 octets into the state. The four rounds are written out: a round function per step costs twice. */
function compress(state: State, data: Uint8Array, offset: number): void {
  expand(data, offset);
  const w = schedule;
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let t = 0;
  for (let i = 0; i < 20; i++) {
    t = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + (w[i] as number) + 0x5a827999) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 20; i < 40; i++) {
    t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + (w[i] as number) + 0x6ed9eba1) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 40; i < 60; i++) {
    t = (((a << 5) | (a >>> 27)) + ((b & c) | (b & d) | (c & d)) + e + (w[i] as number) + 0x8f1bbcdc) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  for (let i = 60; i < 80; i++) {
    t = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + (w[i] as number) + 0xca62c1d6) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = t;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
}

function writeWord(into: Uint8Array, at: number, word: number): void {
  into[at] = word >>> 24;
  into[at + 1] = word >>> 16;
  into[at + 2] = word >>> 8;
  into[at + 3] = word;
}

const tail = new Uint8Array(2 * blockBytes);

/** Hashes the last `used` octets of a message, which lie at the start of `tail`. `totalBytes` counts the whole message. */
function finish(state: State, used: number, totalBytes: number): void {
  const padded = used + 9 <= blockBytes ? blockBytes : 2 * blockBytes;
  tail.fill(0, used, padded);
  tail[used] = 0x80;
  writeWord(tail, padded - 4, totalBytes * 8);
  compress(state, tail, 0);
  if (padded > blockBytes) compress(state, tail, blockBytes);
}

/** Hashes `length` octets of `data` into a state that has taken in `before` octets. Leaves the rest in `tail`. */
function absorb(state: State, data: Uint8Array, length: number): number {
  let at = 0;
  for (; at + blockBytes <= length; at += blockBytes) compress(state, data, at);
  for (let i = at; i < length; i++) tail[i - at] = data[i] as number;
  return length - at;
}

/** SHA-1 of the data, 20 octets. */
export function sha1(data: Uint8Array): Buffer {
  const state = initial();
  finish(state, absorb(state, data, data.length), data.length);
  const digest = Buffer.alloc(20);
  for (let i = 0; i < 5; i++) writeWord(digest, i * 4, state[i] as number);
  return digest;
}

/**
 * HMAC-SHA1 over the first `length` octets followed by `suffix` as 32 bits, big-endian: what SRTP signs (packet and
 * rollover counter, RFC 3711 section 4.2). The five words of the result are valid until the next call of any such function.
 */
export type PacketHmac = (data: Uint8Array, length: number, suffix: number) => Int32Array;

const work: State = initial();

function padState(key: Uint8Array, pad: number): State {
  const block = new Uint8Array(blockBytes);
  const short = key.length > blockBytes ? sha1(key) : key;
  for (let i = 0; i < blockBytes; i++) block[i] = (short[i] ?? 0) ^ pad;
  const state = initial();
  compress(state, block, 0);
  return state;
}

/** An HMAC with its key taken in once. */
export function createPacketHmac(key: Uint8Array): PacketHmac {
  const inner = padState(key, 0x36);
  const outer = padState(key, 0x5c);
  return (data, length, suffix) => {
    work.set(inner);
    const used = absorb(work, data, length);
    // At most 63 + 4 octets: the tail has room for two blocks.
    writeWord(tail, used, suffix);
    finish(work, used + 4, blockBytes + length + 4);
    for (let i = 0; i < 5; i++) writeWord(tail, i * 4, work[i] as number);
    work.set(outer);
    finish(work, 20, blockBytes + 20);
    return work;
  };
}
