import type { ItemConnection } from './operation';

/** Warns of files without a byte. They are not even empty gzip files, and would pass for days without events. */
export function addEmptyFilesHint({ addHint }: ItemConnection, filenames: string[]): void {
	if (filenames.length === 0) return;
	const names = filenames.map((name) => `"${name}"`).join(', ');
	addHint(
		`These files are empty (0 bytes) in the file store: ${names}. If there should be events, start the export again.`,
		'warning',
	);
}
