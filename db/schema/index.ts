export * from './access.ts';
export * from './client-imports.ts';
export * from './clients.ts';
export * from './kernel.ts';
export * from './routing.ts';
export * from './setup.ts';
export * from './tasks.ts';
export * from './timeline.ts';
