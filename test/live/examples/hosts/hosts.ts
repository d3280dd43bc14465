import type { Respond } from '../web.ts';
import { bigQuery } from './big-query.ts';
import { cloudStorage } from './cloud-storage.ts';
import { sheets } from './google-sheets.ts';
import { slack } from './slack.ts';

const token: Respond = () => ({ access_token: 'token', token_type: 'Bearer', expires_in: 3_600 });

/** The hosts that the examples use, as far as they do. */
export const HOSTS: Record<string, Respond> = {
	'bigquery.googleapis.com': bigQuery,
	'oauth2.googleapis.com': token,
	'sheets.googleapis.com': sheets,
	'slack.com': slack,
	'storage.googleapis.com': cloudStorage,
};
