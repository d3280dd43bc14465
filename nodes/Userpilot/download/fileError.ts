import type { Connection } from '../api/connection';
import { nodeApiError } from '../api/errors';
import { unreachable } from '../api/networkErrors';
import { apiMessageOf, describeBody, parseJson } from '../api/response';

/** What is wrong with a file. The message follows the file's name, as in `… is a Parquet file`. */
export class FileError extends Error {
	/** What the user can do. */
	readonly advice: string;

	constructor(message: string, advice: string) {
		super(message);
		this.advice = advice;
	}
}

const XML_MESSAGE = /<(?:Code|Message)>([^<]*)<\/(?:Code|Message)>/g;

/** The code and message in an XML error of a file store. */
const xmlMessage = (body: string): string =>
	[...body.matchAll(XML_MESSAGE)].map(([, text]) => text).join(': ');

export const NO_REASON = 'no reason given';

/** What an error body says, whoever sent it. */
export const storeMessage = (body: string): string =>
	xmlMessage(body) ||
	apiMessageOf(parseJson(body)) ||
	(body.trim() === '' ? NO_REASON : describeBody(body));

/** How pages and errors start that are sent in place of a file. */
const PAGE = /^\s*<(!doctype|html|head|body|\?xml|error)\b/i;

/** The error for a file that is in fact a page of a gateway, or an error of the file store. */
export function pageError(start: string): FileError | undefined {
	if (!PAGE.test(start)) return undefined;
	const message = xmlMessage(start);
	return new FileError(
		`contains ${message ? `an error from the file store ("${message}")` : describeBody(start)}`,
		'Try again. If it keeps happening, a proxy or firewall may be responding instead of the file store: ask your n8n administrator.',
	);
}

const LIFETIMES = 'File links work for 2 days, and a job is kept for 3 days after its start.';

/** The errors of a download that fails. */
export function downloadErrors(connection: Connection, filename: string, jobId: string) {
	const purpose = `download "${filename}" of job "${jobId}"`;
	const error = (problem: string, description: string, status?: number) =>
		nodeApiError(connection, { message: `Could not ${purpose}: ${problem}`, description }, status);

	return {
		changed: () => error('the file changed during the download', 'Try again.'),

		interrupted: (failure: string, position: number, resumes: number) =>
			error(
				`the file store ${failure} after ${position} bytes, and resuming ${resumes} times did not help`,
				`Try again in a few minutes. ${LIFETIMES}`,
			),

		refused: (status: number, reason: string, isRenewed: boolean) =>
			error(
				`the file store refused the link${isRenewed ? ', and a new one too' : ''} (${status}): ${reason}`,
				`${LIFETIMES} After that, start the export again.`,
				status,
			),

		failed: (status: number, reason: string) =>
			error(
				`the file store failed (${status}): ${reason}`,
				`This is a problem of the file store, not of your settings. Try again in a few minutes. ${LIFETIMES}`,
				status,
			),

		unreachable: (code: string, host: string) =>
			nodeApiError(
				connection,
				unreachable(code, { purpose, server: 'file store', address: host, advice: LIFETIMES }),
			),
	};
}
