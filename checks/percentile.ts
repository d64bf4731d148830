// Exact percentiles by nearest rank: the smallest value that at least so many per cent of all values do not exceed. No
// interpolation, so that a percentile is always a value that was seen.

/**
 * The value at `percent` (above 0, up to 100) of values in ascending order.
 * @throws when there is no value
 */
export function percentile(ascending: ArrayLike<number>, percent: number): number {
  const rank = Math.max(1, Math.ceil((percent / 100) * ascending.length));
  const value = ascending[rank - 1];
  if (value === undefined)
    throw new Error(`percentile ${percent} of ${ascending.length} values: none is there`);
  return value;
}
