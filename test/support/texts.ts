import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const ROOT = path.join(__dirname, '../..');

interface Text {
	file: string;
	text: string;
}

/** The texts that somebody can read in nodes/ and credentials/: every string with a space in it. */
export function textsOfCode(root = ROOT): Text[] {
	const files = ['nodes', 'credentials'].flatMap((folder) =>
		readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
			.filter((file) => file.endsWith('.ts'))
			.map((file) => path.join(folder, file)),
	);
	return files.flatMap((file) => {
		const code = readFileSync(path.join(root, file), 'utf8');
		const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest);
		return stringsIn(source).map((text) => ({ file, text }));
	});
}

/** Strings and templates; `…` stands for what a template fills in. */
function stringsIn(node: ts.Node): string[] {
	if (ts.isTemplateExpression(node)) {
		const parts = [node.head, ...node.templateSpans.map(({ literal }) => literal)];
		const inner = node.templateSpans.flatMap(({ expression }) => stringsIn(expression));
		return [parts.map(({ text }) => text).join('…'), ...inner];
	}
	if (ts.isStringLiteralLike(node)) return node.text.includes(' ') ? [node.text] : [];
	const found: string[] = [];
	ts.forEachChild(node, (child) => void found.push(...stringsIn(child)));
	return found;
}

/** The texts for users beside the code: documents, and the examples with their notes. */
export function textsOfFiles(root = ROOT): Text[] {
	const inFolder = (folder: string, ending: string) =>
		readdirSync(path.join(root, folder))
			.filter((name) => name.endsWith(ending))
			.map((name) => path.join(folder, name));
	return [
		...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
		...inFolder('docs', '.md'),
		...inFolder('docs', '.json'),
		...inFolder('examples', '.json'),
	].map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));
}
