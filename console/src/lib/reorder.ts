/** Where things stand in a list, and where they go. */

/** The ids with `moved` put before or after `target`; the others keep their order. */
export function moveBeside(ids: string[], moved: string[], target: string, side: 'before' | 'after'): string[] {
  if (moved.includes(target)) return ids;
  const rest = ids.filter((id) => !moved.includes(id));
  const place = rest.indexOf(target) + (side === 'after' ? 1 : 0);
  return [...rest.slice(0, place), ...ids.filter((id) => moved.includes(id)), ...rest.slice(place)];
}

/** The ids with one put at a place, which is kept within the list. */
export function moveTo(ids: string[], id: string, place: number): string[] {
  const rest = ids.filter((each) => each !== id);
  const kept = Math.max(0, Math.min(place, rest.length));
  return [...rest.slice(0, kept), id, ...rest.slice(kept)];
}

/** A part of the list in its new order, put into the places that this part had in the whole. */
export function withinAll(all: string[], part: string[]): string[] {
  const members = new Set(part);
  const next = part.values();
  return all.map((id) => (members.has(id) ? (next.next().value ?? id) : id));
}
