/**
 * What a job's status means. The API knows `completed`, `failed` and `in_progress`; whatever else it
 * may say one day counts as still running, never as done. The progress text is no guide: "2 out of 5
 * partitions" stands beside `completed` too.
 */
interface WithStatus {
	status?: string | null;
}

export const isCompleted = ({ status }: WithStatus) => status === 'completed';
export const isFailed = ({ status }: WithStatus) => status === 'failed';
export const isFinished = (job: WithStatus) => isCompleted(job) || isFailed(job);
export const isRunning = (job: WithStatus) => !isFinished(job);
/** Whether it is the one export that keeps Userpilot from starting another: a status that nobody knows is no proof. */
export const isInProgress = ({ status }: WithStatus) => status === 'in_progress';
