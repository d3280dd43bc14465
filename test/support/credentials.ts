import type {
	ICredentialDataDecryptedObject,
	ICredentials,
	IHttpRequestOptions,
	INode,
	INodeProperties,
	IRequestOptionsSimplified,
	Workflow,
} from 'n8n-workflow';
import { ICredentialsHelper } from 'n8n-workflow';

import { UserpilotApi } from '../../credentials/UserpilotApi.credentials';

/** No real key: a text that a leak would show. */
export const API_KEY = 'test-key-that-must-not-leak';
export const BASE_URL = 'https://appex.userpilot.io';

/** No header can hold these as they are. */
export const UNSENDABLE_KEYS: Array<[what: string, apiKey: string]> = [
	['a line break', `${API_KEY.slice(0, 9)}\n${API_KEY.slice(9)}`],
	['a carriage return', `${API_KEY.slice(0, 9)}\r${API_KEY.slice(9)}`],
	['a tab', `${API_KEY}\tx`],
	['a zero-width space', `\u200b${API_KEY}`],
	['a non-breaking space', `${API_KEY}\u00a0x`],
	['a letter with an accent', `${API_KEY}é`],
	['a long dash', API_KEY.replace('-', '–')],
	['a null character', `${API_KEY}\0`],
	['an emoji', `Token ${API_KEY}🔑`],
];

const credentialType = new UserpilotApi();

/** Workflows whose expressions cannot run, because the first of their polls has ended (n8n-io/n8n#30729). */
export const withoutIsolate = new WeakSet<Workflow>();

/** Hands out one credential and authenticates the way n8n does: by resolving the expressions of the type. */
export class FixedCredentials extends ICredentialsHelper {
	private readonly data: ICredentialDataDecryptedObject;

	constructor(data: ICredentialDataDecryptedObject) {
		super();
		this.data = data;
	}

	getParentTypes() {
		return [];
	}

	isCredentialUsableByNode() {
		return true;
	}

	async authenticate(
		credentials: ICredentialDataDecryptedObject,
		_typeName: string,
		requestOptions: IHttpRequestOptions | IRequestOptionsSimplified,
		workflow?: Workflow,
		node?: INode,
	) {
		if (workflow && withoutIsolate.has(workflow)) throw new Error('No bridge acquired');
		const options = { ...requestOptions, headers: { ...requestOptions.headers } };
		for (const [name, value] of Object.entries(
			credentialType.authenticate.properties.headers ?? {},
		)) {
			options.headers[name] = workflow!.expression.getSimpleParameterValue(
				node!,
				value as string,
				'internal',
				{ $credentials: credentials },
			) as string;
		}
		return options as IHttpRequestOptions;
	}

	async preAuthentication() {
		return undefined;
	}

	async runPreAuthentication() {
		return undefined;
	}

	async getCredentials(): Promise<ICredentials> {
		throw new Error('not needed: getDecrypted is used');
	}

	async getDecrypted() {
		return { ...this.data };
	}

	async updateCredentials() {}

	async updateCredentialsOauthTokenData() {}

	getCredentialsProperties(): INodeProperties[] {
		return credentialType.properties;
	}
}
