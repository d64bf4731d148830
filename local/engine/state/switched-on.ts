// Switches of the environment, as the official command reads them.

/** True for 1 and true, in letters of any size. */
export function isOn(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}
