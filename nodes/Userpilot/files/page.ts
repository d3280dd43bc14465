import { describeBody } from '../api/answer';
import { FileProblem } from './fileProblem';
import { xmlWords } from './fileStore';

/** The beginning of what gateways and file stores say instead of a file. */
const PAGE = /^\s*<(!doctype|html|head|body|\?xml|error)\b/i;

/** What is wrong with a file that a gateway, or the file store, has answered with words of its own. */
export function pageProblem(start: string): FileProblem | undefined {
	if (!PAGE.test(start)) return undefined;
	const words = xmlWords(start);
	return new FileProblem(
		`holds ${words ? `an error of the file store ("${words}")` : describeBody(start)}`,
		'Run this again. If it stays so, a proxy or firewall answers in place of the file store: ask whoever runs this n8n.',
	);
}
