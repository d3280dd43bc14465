/**
 * A failure that the person at the keyboard can do something about: `message` says what went wrong
 * and what to do, and is all that is printed. Anything else that is thrown is a bug of ours.
 */
export class Failure extends Error {
	override name = 'Failure';
}
