/** How n8n 2.41 saves memory and execution: in two writes (its default), or in one transaction. */
export type Mode = 'default' | 'durable';

/** n8n's variables for each mode. */
export const MODES: Record<Mode, NodeJS.ProcessEnv> = {
	default: {},
	durable: {
		N8N_SCHEDULER_ENABLED: 'true',
		N8N_SCHEDULER_POLL_TRIGGERS_ENABLED: 'true',
		N8N_POLLER_DURABLE_CURSORS_ENABLED: 'true',
	},
};
