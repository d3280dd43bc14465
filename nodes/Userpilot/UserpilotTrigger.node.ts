import type { IPollFunctions, INodeType, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { triggerFields } from './trigger/fields';
import { poll } from './trigger/poll';

export class UserpilotTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Userpilot Trigger',
		name: 'userpilotTrigger',
		icon: { light: 'file:userpilot.svg', dark: 'file:userpilot.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ "export " + $parameter["event"] }}',
		// The nodes panel shows node and trigger as one entry, with the description of the trigger.
		description: 'Export product analytics events and look up what their IDs mean',
		defaults: { name: 'Userpilot Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'userpilotApi', required: true }],
		properties: triggerFields,
	};

	async poll(this: IPollFunctions) {
		return await poll(this);
	}
}
