/** n8n stores deeper JSON, and cannot read it back. */
export const MAX_LEVELS = 500;

const MIN_CHARACTERS_PER_LEVEL = 2;

const isDeeper = (value: unknown, level: number): boolean =>
	typeof value === 'object' &&
	value !== null &&
	(level > MAX_LEVELS || Object.values(value).some((inner) => isDeeper(inner, level + 1)));

/**
 * Whether JSON is nested deeper than n8n can handle.
 *
 * @param json the text of the value. Most are too short to be nested so deep, and are not searched
 */
export const isNestedTooDeep = (value: unknown, json: string) =>
	json.length > MIN_CHARACTERS_PER_LEVEL * MAX_LEVELS && isDeeper(value, 1);
