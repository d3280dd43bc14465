import type { IDataObject } from 'n8n-workflow';

/** One of the steps between a row of a file and the output. */
export interface RowStep {
	/** Takes each row as it is read, and returns it, or another one, or undefined to filter it out. */
	take(row: IDataObject): IDataObject | undefined;
	/** Changes each row that was kept, for a step that must see all rows first. */
	finish?(row: IDataObject): IDataObject;
}

/** Passes a row from step to step. One that is filtered out costs nothing in the steps after that. */
export function takeRow(steps: readonly RowStep[], row: IDataObject): IDataObject | undefined {
	let current: IDataObject | undefined = row;
	for (const step of steps) {
		current = step.take(current);
		if (current === undefined) return undefined;
	}
	return current;
}

/** Passes a row that was kept from step to step, once all rows are read. */
export const finishRow = (steps: readonly RowStep[], row: IDataObject): IDataObject =>
	steps.reduce((current, step) => step.finish?.(current) ?? current, row);
