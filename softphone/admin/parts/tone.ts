/** How well something stands. It is always said in words and by a shape as well. */
export type Tone = 'good' | 'warn' | 'bad';
