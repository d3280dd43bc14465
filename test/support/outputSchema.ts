/** A JSON schema as n8n's preview reads it: the type of a field is its first type. */
export interface OutputSchema {
	type: string | string[];
	properties?: Record<string, OutputSchema>;
	items?: OutputSchema;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

function propertiesOf(objects: Array<Record<string, unknown>>): Record<string, OutputSchema> {
	const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))];
	return Object.fromEntries(
		keys.map((key) => [
			key,
			schemaOf(objects.filter((object) => key in object).map((object) => object[key])),
		]),
	);
}

function typeOf(scalars: unknown[]): string | string[] {
	const present = [
		...new Set(scalars.filter((value) => value !== null).map((value) => typeof value)),
	];
	// Of a field that is null in every example, text is the most likely type.
	const types: string[] = present.length > 0 ? present : ['string'];
	if (scalars.includes(null)) types.push('null');
	return types.length > 1 ? types : types[0]!;
}

/**
 * The schema of some examples of one value. Nothing in it is required, and other fields are allowed.
 * The preview shows objects and arrays only where that is their one type.
 */
export function schemaOf(examples: unknown[]): OutputSchema {
	const objects = examples.filter(isObject);
	if (objects.length > 0) {
		const properties = propertiesOf(objects);
		return { type: 'object', ...(Object.keys(properties).length > 0 && { properties }) };
	}
	const arrays = examples.filter(Array.isArray);
	if (arrays.length === 0) return { type: typeOf(examples) };
	const entries = arrays.flat() as unknown[];
	return { type: 'array', ...(entries.length > 0 && { items: schemaOf(entries) }) };
}
