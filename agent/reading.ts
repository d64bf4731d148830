// What a source read at one look: values, each with the number of times that it was seen. CloudWatch makes exact averages
// and percentiles from it over any period, which a rate computed here would not allow.

export interface Reading {
  values: number[];
  counts: number[];
}

export function single(value: number): Reading {
  return { values: [value], counts: [1] };
}

/**
 * Events of which some count: samples of 100 and 0, whose average is the share in per cent. Where there were no events one
 * sample of 0 says that the writer lives.
 */
export function shareOf(part: number, whole: number): Reading {
  if (whole <= 0) return single(0);
  const counted = Math.min(part, whole);
  const samples = [
    [100, counted],
    [0, whole - counted],
  ].filter(([, count = 0]) => count > 0);
  return { values: samples.map(([value = 0]) => value), counts: samples.map(([, count = 0]) => count) };
}
