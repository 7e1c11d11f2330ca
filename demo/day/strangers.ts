import type { CallRow, Records } from './records.ts';
import type { Story } from './story.ts';

export interface StrangersOptions {
  readonly records: Records;
  readonly stories: readonly Story[];
  /** Users who are played by the script. */
  readonly scripted: ReadonlySet<number>;
}

/** A call is stored within this time of its beginning. */
const storedWithinMs = 5_000;

/** Gives every call of the script that nobody was rung for its row: by its number and its time. */
function assign(calls: readonly CallRow[], stories: readonly Story[]): CallRow[] {
  const known = new Set(stories.flatMap(({ interactionId }) => interactionId ?? []));
  const left: CallRow[] = [];
  for (const call of calls) {
    if (known.has(call.id)) continue;
    const story = stories.find(
      ({ interactionId, direction, number, arrivedAt }) =>
        interactionId === null &&
        direction === call.direction &&
        number === call.peer &&
        arrivedAt !== null &&
        Math.abs(call.arrivedAt - arrivedAt) < storedWithinMs,
    );
    if (story) story.interactionId = call.id;
    else left.push(call);
  }
  return left;
}

/** Who else called or was rung meanwhile, in words: then nobody's figures can be told apart. */
export function strangersIn({ records, stories, scripted }: StrangersOptions): string[] {
  const words: string[] = [];
  const foreign = assign(records.calls, stories);
  if (foreign.length > 0) words.push(`${foreign.length} calls were not the script's`);
  if (records.older > 0) words.push(`${records.older} calls had begun before`);
  const rung = new Set(records.offers.filter(({ userId }) => !scripted.has(userId)).map(({ userId }) => userId));
  if (rung.size > 0) words.push(`${rung.size} people who are not scripted were rung`);
  return words;
}
