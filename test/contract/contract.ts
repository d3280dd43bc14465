import Ajv2020 from 'ajv/dist/2020';
import type { ValidateFunction } from 'ajv';
import openapi from './openapi.json';

/** A request in a test. `url` is absolute or starts with the path; `body` is text, parsed JSON, or undefined. */
export interface SeenRequest {
	method: string;
	url: string;
	headers?: Record<string, string | readonly string[] | undefined>;
	body?: unknown;
}

export interface RequestVerdict {
	/** The operation of this method and path; empty if there is none. */
	operationId: string;
	/** What is wrong; empty if the request is valid. */
	problems: string[];
}

interface Parameter {
	name: string;
	in: string;
	schema: { type?: string };
}

interface OperationObject {
	operationId: string;
	parameters?: Parameter[];
	requestBody?: unknown;
	responses: Record<string, unknown>;
}

interface Operation extends OperationObject {
	method: string;
	path: RegExp;
	/** JSON pointer to the operation in the document. */
	pointer: string;
}

const DOCUMENT_ID = 'openapi.json';

const escapePointer = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

const pathPattern = (template: string): RegExp =>
	new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);

const paths = openapi.paths as unknown as Record<string, Record<string, OperationObject>>;

const operations: Operation[] = Object.entries(paths).flatMap(([template, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({
		...operation,
		method: method.toUpperCase(),
		path: pathPattern(template),
		pointer: `/paths/${escapePointer(template)}/${method}`,
	})),
);

/** The ids of all operations, in the order of the document. */
export const OPERATION_IDS: readonly string[] = operations.map(({ operationId }) => operationId);

// No strict mode and no check of the document itself, because OpenAPI has keywords of its own.
const ajv = new Ajv2020({ strict: false, allErrors: true, allowUnionTypes: true });
ajv.addSchema(openapi, DOCUMENT_ID, false, false);
const queryAjv = new Ajv2020({ strict: false, coerceTypes: true });

const validators = new Map<string, ValidateFunction>();

function validatorAt(pointer: string): ValidateFunction {
	// A pointer in a fragment is percent-encoded; the braces of a path template need it.
	const validator =
		validators.get(pointer) ?? ajv.compile({ $ref: `${DOCUMENT_ID}#${encodeURI(pointer)}` });
	validators.set(pointer, validator);
	return validator;
}

function problemsOf(validate: ValidateFunction, value: unknown, what: string): string[] {
	if (validate(value)) return [];
	return (validate.errors ?? []).map(({ instancePath, message, params }) => {
		const extra = (params as { additionalProperty?: string }).additionalProperty;
		return `${what}${instancePath} ${message ?? 'is wrong'}${extra ? `: ${extra}` : ''}`;
	});
}

function queryProblems(operation: Operation, query: URLSearchParams): string[] {
	const known = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
	return [...new Set(query.keys())].flatMap((name) => {
		const parameter = known.find((candidate) => candidate.name === name);
		if (!parameter) return [`query parameter ${name} is unknown`];
		const values = query.getAll(name);
		if (values.length > 1) return [`query parameter ${name} is given ${values.length} times`];
		// Only properties are coerced, so the value is wrapped.
		const schema = { type: 'object', properties: { [name]: parameter.schema } };
		return problemsOf(queryAjv.compile(schema), { [name]: values[0] }, 'query parameter ');
	});
}

function headerOf(request: SeenRequest, name: string): string | undefined {
	const entry = Object.entries(request.headers ?? {}).find(([key]) => key.toLowerCase() === name);
	const value = entry?.[1];
	return value === undefined || typeof value === 'string' ? value : value.join(', ');
}

function authorizationProblems(request: SeenRequest): string[] {
	const value = headerOf(request, 'authorization');
	if (value === undefined) return ['header Authorization is missing'];
	// The message leaves out the value, which may be a key.
	return /^Token [^\s,]+$/.test(value)
		? []
		: ['header Authorization is not of the form "Token <key>"'];
}

const isEmpty = (body: unknown): boolean => body === undefined || body === null || body === '';

function bodyProblems(operation: Operation, request: SeenRequest): string[] {
	if (!operation.requestBody)
		return isEmpty(request.body) ? [] : ['a body is sent, but the operation takes none'];
	if (isEmpty(request.body)) return ['the body is missing'];
	const type = headerOf(request, 'content-type') ?? '';
	const problems = /^application\/json\b/.test(type) ? [] : [`header Content-Type is "${type}"`];
	let body = request.body;
	if (typeof body === 'string') {
		try {
			body = JSON.parse(body);
		} catch {
			return [...problems, 'the body is not JSON'];
		}
	}
	const schema = `${operation.pointer}/requestBody/content/application~1json/schema`;
	return [...problems, ...problemsOf(validatorAt(schema), body, 'body')];
}

/** Checks a request against the contract: method, path, query, Authorization, body. */
export function checkRequest(request: SeenRequest): RequestVerdict {
	const url = new URL(request.url, 'http://localhost');
	const method = request.method.toUpperCase();
	const matching = operations.filter(
		(candidate) => candidate.method === method && candidate.path.test(url.pathname),
	);
	const [operation] = matching;
	if (!operation || matching.length > 1) {
		return { operationId: '', problems: [`${method} ${url.pathname} is not an operation`] };
	}
	return {
		operationId: operation.operationId,
		problems: [
			...queryProblems(operation, url.searchParams),
			...authorizationProblems(request),
			...bodyProblems(operation, request),
		],
	};
}

/**
 * Checks a response against the contract. `body` is parsed JSON. Returns what is wrong.
 * Unknown fields are allowed, because the API may add some.
 */
export function checkResponse(operationId: string, status: number, body: unknown): string[] {
	const operation = operations.find((candidate) => candidate.operationId === operationId);
	if (!operation) return [`operation ${operationId} is unknown`];
	if (!operation.responses[status]) return [`${operationId} has no status ${status}`];
	const schema = `${operation.pointer}/responses/${status}/content/application~1json/schema`;
	return problemsOf(validatorAt(schema), body, 'response');
}
