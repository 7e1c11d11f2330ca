/** SIP over UDP, TCP and WebSocket: registrar, UAS and UAC. `stack.ts` says what it promises. */
export { createSipStack } from './core/create-stack.ts';
