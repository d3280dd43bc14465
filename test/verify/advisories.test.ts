import { readAudit } from './advisories';

const audit = (severity: string) =>
	readAudit(
		JSON.stringify({ vulnerabilities: { zod: { severity, via: ['x', { title: 'Slow' }] } } }),
	);

describe('the audit of what is bundled', () => {
	it.each(['critical', 'high'])('fails on a %s advisory, and names it', (severity) => {
		expect(audit(severity)).toEqual({ answered: true, problems: [`zod: ${severity}: Slow`] });
	});

	it('passes with none, or with a lesser one', () => {
		expect(readAudit('{"vulnerabilities":{}}')).toEqual({ answered: true, problems: [] });
		expect(audit('moderate')).toEqual({ answered: true, problems: [] });
	});

	it.each(['', '<html>', '{"error":{"code":"ENOAUDIT"}}', 'null'])(
		'tells an answer from none: %s',
		(output) => {
			expect(readAudit(output)).toEqual({ answered: false });
		},
	);
});
