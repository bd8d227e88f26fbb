// How large a file of configuration may be, whatever its format: parsers recurse, and take far more memory and
// time than JSON's.

export const configBytesMax = 256 * 1024;
/** Nesting that no configuration has. */
export const configDepthMax = 64;

/** Whether a value is nested deeper than configurations are; looks no deeper than that. */
export function isTooDeep(value: unknown, levels = configDepthMax): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (levels === 0 || Object.values(value).some((child) => isTooDeep(child, levels - 1)))
  );
}
