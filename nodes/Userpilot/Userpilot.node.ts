import type { IExecuteFunctions, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { properties } from './actions/resources';
import { route } from './actions/router';
import { getEventNames, searchJobs, searchSegments } from './pickers';
import { subtitle } from './subtitle';

export class Userpilot implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Userpilot',
		name: 'userpilot',
		icon: { light: 'file:userpilot.svg', dark: 'file:userpilot.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle,
		description: 'Export product analytics events and look up what their IDs mean',
		defaults: { name: 'Userpilot' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'userpilotApi', required: true }],
		properties,
	};

	methods = {
		listSearch: { searchJobs, searchSegments },
		loadOptions: { getEventNames },
	};

	async execute(this: IExecuteFunctions) {
		return await route(this);
	}
}
