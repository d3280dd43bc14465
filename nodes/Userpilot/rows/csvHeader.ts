/** Lost when set on an object, where it stands for the prototype. */
const IMPOSSIBLE_NAME = '__proto__';

/** What spreadsheets put between columns where numbers have commas. */
const OTHER_SEPARATORS: Array<[mark: string, name: string]> = [
	[';', 'semicolons'],
	['\t', 'tabs'],
	['|', 'vertical bars'],
];

/** What looks wrong about a header of one column; undefined if nothing does. */
export function separatorWarning(header: string[]): string | undefined {
	const found = OTHER_SEPARATORS.find(([mark]) => header.length === 1 && header[0]?.includes(mark));
	return found && `seems to use ${found[1]} instead of commas between its columns`;
}

/** Unique field names for a header. A name that the header has only once stays as it is. */
export function columnNames(header: string[]): string[] {
	const taken = new Set(header);
	const used = new Set([IMPOSSIBLE_NAME]);
	const nextNumbers = new Map<string, number>();
	return header.map((title, index) => {
		const isBlank = title.trim() === '';
		const wanted = isBlank ? `column_${index + 1}` : title;
		let name = wanted;
		if (isBlank ? taken.has(wanted) : used.has(wanted)) {
			let number = nextNumbers.get(wanted) ?? 2;
			while (taken.has(`${wanted}_${number}`)) number++;
			nextNumbers.set(wanted, number + 1);
			name = `${wanted}_${number}`;
		}
		taken.add(name);
		used.add(name);
		return name;
	});
}
