import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism, networkInterfaces } from 'node:os';
import { resolve } from 'node:path';

/** A setting is wrong. The message is one line: which setting, and what to do. It never contains the value. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/**
 * Every setting with its default as it would be written in the environment; empty = see `Config`. Each NAME may be
 * given as NAME_FILE instead, the path of a file with the value, for container secrets.
 */
export const settingDefaults = {
  HOST: '127.0.0.1',
  PORT: '8080',
  SIP_PORT: '5060',
  RTP_PORTS: '10000-19999',
  MEDIA_PORT: '40000',
  MEDIA_WORKERS: '',
  MEDIA_ANNOUNCE: '',
  DATA_DIR: './data',
  DATABASE_URL: '',
  PUBLIC_URL: '',
  LOG_LEVEL: 'info',
  DEMO: '1',
  DEMO_PASSWORD: 'switchroom',
  METRICS_TOKEN: '',
  TRUST_PROXY: '',
} as const;
export type SettingName = keyof typeof settingDefaults;

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The settings of one process. */
export interface Config {
  /**
   * Address to listen on, of every listener. Loopback while the demo is on, so that accounts with a printed password
   * are not open to the network; all addresses (0.0.0.0) with DEMO=0.
   */
  readonly host: string;
  /** TCP port of the UI, the API, Socket.IO and SIP over WebSocket. 0 = any free one. */
  readonly port: number;
  /** UDP and TCP port for carriers and desk phones. 0 = any free one. */
  readonly sipPort: number;
  /** UDP ports for the audio of carriers and desk phones, both ends included. */
  readonly rtpPorts: { readonly first: number; readonly last: number };
  /** UDP port for the audio of browsers; each further media worker takes the next one. */
  readonly mediaPort: number;
  /** Threads that carry audio. Default: one fewer than the processors, so that signalling keeps one. */
  readonly mediaWorkers: number;
  /** Addresses that peers are told to send audio to. Default: HOST, or the first address of this machine when HOST is a wildcard. */
  readonly mediaAnnounce: readonly string[];
  /** Folder of the embedded database and the recordings, absolute. */
  readonly dataDir: string;
  /** A PostgreSQL to use; undefined = the embedded one in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Origin under which browsers reach this server, without a trailing slash; needed behind a proxy. */
  readonly publicUrl: string | undefined;
  /** Least important level that is logged. */
  readonly logLevel: LogLevel;
  /** Demo data and the demo carrier, in a database that has no users yet. */
  readonly demo: boolean;
  /** Password of every demo login. Fixed by default, so that the printed logins work after each restart. */
  readonly demoPassword: string;
  /** Bearer token that /metrics asks for; undefined = /metrics answers this machine only. */
  readonly metricsToken: string | undefined;
  /** Addresses and networks (CIDR) of proxies whose X-Forwarded-* headers are believed. Default: nobody's. */
  readonly trustProxy: readonly string[];
}

/** What the defaults depend on besides the environment. */
export interface Machine {
  readonly processors: number;
  /** Addresses of network interfaces that are not loopback, in the system's order. */
  readonly addresses: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const wildcards: readonly string[] = ['0.0.0.0', '::'];
const maxSecretBytes = 65_536;

/**
 * Reads and checks all settings at once.
 * @throws ConfigError on command-line options (there are none) and on the first wrong setting
 */
export function readConfig(
  argv: readonly string[] = process.argv.slice(2),
  env: Environment = process.env,
  machine: Machine = thisMachine(),
): Config {
  if (argv.length > 0) {
    throw new ConfigError('Switchroom has no command-line options: set environment variables, see .env.example');
  }
  const text = (name: SettingName): string => settingText(env, name);
  const given = (name: SettingName): string | undefined => text(name) || undefined;

  const demo = yesOrNo('DEMO', text('DEMO'));
  const host = hostAddress(isSet(env, 'HOST') ? text('HOST') : demo ? settingDefaults.HOST : '0.0.0.0');
  const mediaPort = integer('MEDIA_PORT', text('MEDIA_PORT'), 1, 65_535);
  const mediaWorkers = integer(
    'MEDIA_WORKERS',
    text('MEDIA_WORKERS') || String(Math.max(1, machine.processors - 1)),
    1,
    256,
  );
  const rtpPorts = portRange('RTP_PORTS', text('RTP_PORTS'));
  const lastMediaPort = mediaPort + mediaWorkers - 1;
  if (lastMediaPort > 65_535) throw new ConfigError('MEDIA_PORT leaves no room for MEDIA_WORKERS: choose a lower port');
  if (mediaPort <= rtpPorts.last && lastMediaPort >= rtpPorts.first) {
    throw new ConfigError('MEDIA_PORT lies inside RTP_PORTS: give the two separate ports');
  }
  return Object.freeze({
    host,
    port: integer('PORT', text('PORT'), 0, 65_535),
    sipPort: integer('SIP_PORT', text('SIP_PORT'), 0, 65_535),
    rtpPorts: Object.freeze(rtpPorts),
    mediaPort,
    mediaWorkers,
    mediaAnnounce: Object.freeze(announced(text('MEDIA_ANNOUNCE'), host, machine)),
    dataDir: resolve(text('DATA_DIR')),
    databaseUrl: databaseUrl(given('DATABASE_URL')),
    publicUrl: publicOrigin(given('PUBLIC_URL')),
    logLevel: oneOf('LOG_LEVEL', text('LOG_LEVEL'), logLevels),
    demo,
    demoPassword: text('DEMO_PASSWORD'),
    metricsToken: given('METRICS_TOKEN'),
    trustProxy: Object.freeze(networks('TRUST_PROXY', text('TRUST_PROXY'))),
  });
}

/** Empty counts as not set: compose files pass `NAME=` for what nobody filled in. */
const isSet = (env: Environment, name: SettingName): boolean => Boolean(env[name]) || Boolean(env[`${name}_FILE`]);

function settingText(env: Environment, name: SettingName): string {
  const value = env[name];
  const path = env[`${name}_FILE`];
  if (value && path) throw new ConfigError(`${name} and ${name}_FILE are both set: keep one`);
  return (path ? secretFile(name, path) : value?.trim()) || settingDefaults[name];
}

function secretFile(name: SettingName, path: string): string {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch {
    throw new ConfigError(`${name}_FILE cannot be read: check the path and its permissions`);
  }
  if (content.length > maxSecretBytes) throw new ConfigError(`${name}_FILE is larger than ${maxSecretBytes} bytes`);
  return content.toString('utf8').trim();
}

function integer(name: SettingName, text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ConfigError(`${name} must be a whole number from ${min} to ${max}`);
}

function portRange(name: SettingName, text: string): { first: number; last: number } {
  const [from = '', to = '', ...rest] = text.split('-');
  if (rest.length > 0 || to === '') throw new ConfigError(`${name} must be two ports with a dash, like 10000-19999`);
  const first = integer(name, from.trim(), 1024, 65_535);
  const last = integer(name, to.trim(), 1024, 65_535);
  // RTP takes an even port and RTCP the next (RFC 3550 section 11)
  if (last <= first) throw new ConfigError(`${name} must hold at least two ports, the lower one first`);
  return { first, last };
}

function yesOrNo(name: SettingName, text: string): boolean {
  if (['1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return true;
  if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return false;
  throw new ConfigError(`${name} must be 1 or 0`);
}

function oneOf<const T extends readonly string[]>(name: SettingName, text: string, words: T): T[number] {
  const word = words.find((candidate) => candidate === text.toLowerCase());
  if (word === undefined) throw new ConfigError(`${name} must be one of ${words.join(', ')}`);
  return word;
}

function hostAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0 || /^[a-z\d]([a-z\d.-]{0,251}[a-z\d])?$/i.test(bare)) return bare;
  throw new ConfigError('HOST must be an address of this machine, like 127.0.0.1 or 0.0.0.0');
}

function announced(text: string, host: string, machine: Machine): string[] {
  const addresses = list(text);
  if (addresses.some((address) => isIP(address) === 0 || wildcards.includes(address))) {
    throw new ConfigError('MEDIA_ANNOUNCE must be IP addresses that peers can reach, separated by commas');
  }
  if (addresses.length > 0) return addresses;
  if (isIP(host) !== 0 && !wildcards.includes(host)) return [host];
  return [machine.addresses.find((address) => isIP(address) === 4) ?? '127.0.0.1'];
}

function databaseUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'postgres:' || url.protocol === 'postgresql:')) return text;
  throw new ConfigError('DATABASE_URL must look like postgres://user:password@host:5432/database');
}

function publicOrigin(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isOrigin = url !== null && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
  if (isOrigin && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin;
  throw new ConfigError('PUBLIC_URL must be an origin without a path, like https://calls.example.com');
}

function networks(name: SettingName, text: string): string[] {
  const entries = list(text);
  for (const entry of entries) {
    const [address = '', prefix, ...rest] = entry.split('/');
    const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
    const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
    if (bits < 0 || !isPrefix || rest.length > 0) {
      throw new ConfigError(`${name} must be IP addresses or networks like 10.0.0.0/8, separated by commas`);
    }
  }
  return entries;
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

function thisMachine(): Machine {
  const addresses = Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter((entry) => !entry.internal)
    .map((entry) => entry.address);
  return { processors: availableParallelism(), addresses };
}
