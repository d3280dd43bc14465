/** n8n stores deeper JSON, and cannot read it back. */
export const MOST_LEVELS = 500;

const LEAST_CHARACTERS_A_LEVEL = 2;

const reaches = (value: unknown, level: number): boolean =>
	typeof value === 'object' &&
	value !== null &&
	(level > MOST_LEVELS || Object.values(value).some((inner) => reaches(inner, level + 1)));

/**
 * Whether JSON is nested deeper than n8n can handle.
 *
 * @param json the text of the value: most is too short to be
 */
export const isNestedTooDeep = (value: unknown, json: string) =>
	json.length > LEAST_CHARACTERS_A_LEVEL * MOST_LEVELS && reaches(value, 1);
