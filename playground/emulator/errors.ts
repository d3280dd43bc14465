import { jsonReply, type Reply } from './reply.ts';

const errorReply = (
	status: number,
	error: string,
	code: string,
	message: string,
	details: string | null,
): Reply => jsonReply(status, { errors: [{ details, error, error_code: code, message }] });

const NOT_AUTHORIZED = 'You are not authorized to perform the requested action.';

/** Only the status of a wrong key is documented. The body is like that of a plan without the feature. */
export const unknownKey = (): Reply =>
	errorReply(401, 'Unauthorized', '401', NOT_AUTHORIZED, 'The API key is missing or unknown.');

/** The body says 401 whatever the HTTP status is, as documented. */
export const planRejected = (status: number, appToken: string): Reply =>
	errorReply(
		status,
		'Unauthorized',
		'401',
		NOT_AUTHORIZED,
		`Your current plan for application ${appToken} does not support the feature you are trying to access.`,
	);

export const exportRunning = (): Reply =>
	errorReply(
		409,
		'Conflict',
		'409',
		'The request could not be completed due to a conflict with the current state of the target resource.',
		'There is already an export job in progress, you can only have one export job in progress at a time.',
	);

export const jobNotFound = (jobId: string, appToken: string): Reply =>
	errorReply(
		404,
		'Resource not found',
		'404',
		`Failed to retrieve job with id ${jobId} for application ${appToken}: job not found`,
		null,
	);

/** Undocumented: the shape is the API's, the words are ours. */
export const unprocessable = (details: string): Reply =>
	errorReply(422, 'Unprocessable Entity', '422', 'The request holds invalid values.', details);

/** Undocumented: the shape is the API's, the words are ours. */
export const badRequest = (details: string): Reply =>
	errorReply(400, 'Bad Request', '400', 'The request could not be read.', details);

const STATUS_NAMES: Record<number, string> = {
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	409: 'Conflict',
	422: 'Unprocessable Entity',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
	504: 'Gateway Timeout',
};

export const statusName = (status: number): string => STATUS_NAMES[status] ?? 'Error';

/** An error of any status, for faults. */
export const anyError = (status: number): Reply =>
	errorReply(status, statusName(status), String(status), `${statusName(status)} (emulated).`, null);
