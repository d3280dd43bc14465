import { parseExactly, quoteLongNumbers } from '../../../nodes/Userpilot/rows/exactJson';
import { promptly } from '../../support/promptly';

/** A number as a whole one and a power of ten. */
function decimal(number: string): [whole: bigint, power: number] {
	const [mantissa = '', exponent = '0'] = number.split(/[eE]/);
	const [whole = '', fraction = ''] = mantissa.split('.');
	return [BigInt(whole + fraction), Number(exponent) - fraction.length];
}

/** Whether it is the same number, however long that takes. */
function isSame(one: string, other: string): boolean {
	const [oneWhole, onePower] = decimal(one);
	const [otherWhole, otherPower] = decimal(other);
	const least = Math.min(onePower, otherPower);
	const scaled = (whole: bigint, power: number) => whole * 10n ** BigInt(power - least);
	return scaled(oneWhole, onePower) === scaled(otherWhole, otherPower);
}

/** What parseExactly must return, found by going through the JSON character by character. */
function parseSlowly(json: string): unknown {
	let quoted = '';
	for (let at = 0; at < json.length; ) {
		const start = at;
		if (json[at] === '"') {
			for (at++; json[at] !== '"'; at++) if (json[at] === '\\') at++;
			at++;
			quoted += json.slice(start, at);
		} else if ('-0123456789'.includes(json[at]!)) {
			while (at < json.length && '+-.eE0123456789'.includes(json[at]!)) at++;
			const number = json.slice(start, at);
			const isWhole = /^-?\d+$/.test(number);
			const value = Number(number);
			const isExact = isWhole
				? Number.isSafeInteger(value)
				: isSame(number, String(value)) || isSame(number, value.toPrecision(17));
			quoted += isExact ? number : `"${number}"`;
		} else {
			quoted += json[at++]!;
		}
	}
	return JSON.parse(quoted);
}

/** Random JSON, the same for the same seed. */
function randomJson(seed: number): string {
	let state = seed;
	const random = (below: number) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
	const pick = <T>(values: readonly T[]): T => values[random(values.length)]!;
	const digits = (count: number) =>
		Array.from({ length: count }, (_, index) => (index ? random(10) : 1 + random(9))).join('');
	const whole = () => pick(['0', digits(1 + random(25)), digits(15 + random(3))]);
	const number = () =>
		pick(['', '-']) +
		whole() +
		pick([
			'',
			'',
			`.${random(10)}${digits(1 + random(24))}`,
			`.${'0'.repeat(random(20))}1`,
			'.50',
		]) +
		pick(['', '', `${pick(['e', 'E'])}${pick(['', '+', '-'])}${random(200)}`]);
	const lookAlike = () =>
		pick([':', ',', '[', 'id ', '-', '']) + digits(17) + pick([',', '}', ']', ' ', '']);
	const text = () =>
		JSON.stringify(
			Array.from({ length: random(4) }, () =>
				pick([lookAlike(), '"', '\\', '\\"', '\n', 'ü', '😀', '{"a":', 'x', '":']),
			).join(''),
		);
	const space = () => pick(['', '', '', ' ', '\n', '\t ', '\r\n  ']);
	const value = (depth: number): string => {
		const inner = (make: () => string) =>
			Array.from({ length: random(5) }, () => space() + make() + space()).join(',');
		const kind = random(depth > 3 ? 6 : 9);
		if (kind < 3) return number();
		if (kind < 5) return text();
		if (kind === 5) return pick(['true', 'false', 'null']);
		if (kind === 6) return `[${inner(() => value(depth + 1))}]`;
		return `{${inner(() => `${text()}${space()}:${space()}${value(depth + 1)}`)}}`;
	};
	return `[${value(0)}]`;
}

const TOO_LARGE = '9007199254740993';

describe('parseExactly', () => {
	it.each([
		['9007199254740991', 9007199254740991],
		['-9007199254740991', -9007199254740991],
		['9007199254740992', '9007199254740992'],
		['9007199254740993', '9007199254740993'],
		['-9007199254740993', '-9007199254740993'],
		['18446744073709551615', '18446744073709551615'],
		['9007199254740993.0', '9007199254740993.0'],
		['9007199254740992.0', 9007199254740992],
		['9.007199254740993e15', '9.007199254740993e15'],
		['9.0071992547409930e+15', '9.0071992547409930e+15'],
		['90071992547409930e-1', '90071992547409930e-1'],
		['12345678901234567.0', '12345678901234567.0'],
		['1.2345678901234567e16', '1.2345678901234567e16'],
		['1.8446744073709551615e19', '1.8446744073709551615e19'],
		['1844674407370955161500e-2', '1844674407370955161500e-2'],
		['1.8446744073709552e19', 18446744073709552000],
		['1234567890123456', 1234567890123456],
		['12345678901234567890', '12345678901234567890'],
		['100000000000000000000', '100000000000000000000'],
		['0.1', 0.1],
		['3.14159', 3.14159],
		['0.10000000000000001', 0.1],
		['-0.10000000000000001', -0.1],
		['1.0000000000000001e-01', 0.1],
		['10000000000000001e-17', 0.1],
		['0.100000000000000010', 0.1],
		['0.100000000000000005', '0.100000000000000005'],
		['0.1000000000000000055', '0.1000000000000000055'],
		['2.2999999999999998', 2.3],
		['2.2999999999999999', '2.2999999999999999'],
		['0.30000000000000004', 0.30000000000000004],
		['0.3000000000000000444', '0.3000000000000000444'],
		['1.2345678901234567', 1.2345678901234567],
		['1.23456789012345678', '1.23456789012345678'],
		['-1.23456789012345678', '-1.23456789012345678'],
		['12345678901234567.5', '12345678901234567.5'],
		['12.500000000000000000', 12.5],
		['0.000000000000000000', 0],
		['-0.00000000000000001', -0.00000000000000001],
		['1234567890123456.0', 1234567890123456],
		['1e20', 1e20],
		['1.5e-7', 1.5e-7],
		['1.7976931348623157e308', Number.MAX_VALUE],
		['1.7976931348623157E+308', Number.MAX_VALUE],
		['1.2345678901234567e+20', 123456789012345670000],
		['1.2345678901234567e-20', 1.2345678901234567e-20],
		['1.23456789012345678e-20', '1.23456789012345678e-20'],
		['1.23456789012345678E20', '1.23456789012345678E20'],
		['1.0000000000000000e999', '1.0000000000000000e999'],
		['1.0000000000000000e-999', '1.0000000000000000e-999'],
	])('parses %s as %p, wherever it is', (number, value) => {
		expect(parseExactly(`{"n":${number}}`)).toEqual({ n: value });
		expect(parseExactly(`[${number}]`)).toEqual([value]);
		expect(parseExactly(`[1,\n${number}\t, 2]`)).toEqual([1, value, 2]);
		expect(parseExactly(`{"a":{"b": [ { "n" : ${number} } ]},"c":${number}}`)).toEqual({
			a: { b: [{ n: value }] },
			c: value,
		});
		const besideLookAlike = `{"a":"x:${TOO_LARGE},","n":${number},"b":"\\":${TOO_LARGE}}"}`;
		expect(parseExactly(besideLookAlike)).toEqual({
			a: `x:${TOO_LARGE},`,
			n: value,
			b: `":${TOO_LARGE}}`,
		});
	});

	it.each([
		[`x:${TOO_LARGE},`],
		[`:${TOO_LARGE}}`],
		[`[${TOO_LARGE}]`],
		[`, ${TOO_LARGE} ,`],
		[`"a":${TOO_LARGE},`],
		[`\\":${TOO_LARGE},`],
		[`\\`],
		[`${TOO_LARGE}`],
		[`[1,${TOO_LARGE},"x",-${TOO_LARGE},${TOO_LARGE}]`],
		['2024-07-29-2024-07-30'],
	])('leaves the text %j as it is', (text) => {
		for (const row of [{ text }, { [text]: text }, [text, [text]]]) {
			expect(parseExactly(JSON.stringify(row))).toEqual(row);
			const withNumber = { n: 0, row };
			const json = JSON.stringify(withNumber).replace('0', TOO_LARGE);
			expect(parseExactly(json)).toEqual({ ...withNumber, n: TOO_LARGE });
		}
	});

	it('finds a long number at whatever offset', () => {
		for (let offset = 0; offset < 40; offset++) {
			const pad = 'x'.repeat(offset);
			const json = `["${pad}",${TOO_LARGE},${TOO_LARGE},1,-${TOO_LARGE}]`;
			expect(parseExactly(json)).toEqual([pad, TOO_LARGE, TOO_LARGE, 1, `-${TOO_LARGE}`]);
			// So that it is not only the slow way that finds them.
			expect(quoteLongNumbers(json)).toBe(
				`["${pad}","${TOO_LARGE}","${TOO_LARGE}",1,"-${TOO_LARGE}"]`,
			);
		}
	});

	it.each([
		['{"a":1234567890-1234567890}'],
		['{"a":0012345678901234567}'],
		['{"a":12345678901234567.}'],
		['{"a":.12345678901234567}'],
		['{"a":1.2345678901234567e}'],
		['{"a":1.23456789.12345678}'],
		['{"a":+12345678901234567}'],
		[`{"a":${TOO_LARGE}`],
		[`{${TOO_LARGE}:1}`],
		[`{"a":1,${TOO_LARGE}}`],
		[`{"a":"x:${TOO_LARGE},}`],
		[`{"a":"x:${TOO_LARGE},","b":1,}`],
		[`["\\\n${TOO_LARGE}",${TOO_LARGE}]`],
		[''],
		['{'],
	])('refuses %j with the same message as JSON.parse', (json) => {
		let words = '';
		try {
			JSON.parse(json);
		} catch (error) {
			words = (error as Error).message;
		}
		expect(() => parseExactly(json)).toThrow(new SyntaxError(words));
	});

	it.each([
		[`{"id":"${TOO_LARGE}"}`],
		[`{"id":"-${TOO_LARGE}","b":["${TOO_LARGE}"]}`],
		[`{"text":"number ${TOO_LARGE}, please"}`],
		[`{"text":"it is: ${TOO_LARGE} by now"}`],
		[`{"n":${TOO_LARGE}:1}`],
		[`{"n":"\${TOO_LARGE},"}`],
	])('quotes nothing in %s', (json) => {
		expect(quoteLongNumbers(json)).toBe(json);
	});

	it('turns __proto__ into a plain field', () => {
		const row = parseExactly(`{"__proto__":{"a":${TOO_LARGE}}}`) as object;
		expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
		expect(JSON.stringify(row)).toBe(`{"__proto__":{"a":"${TOO_LARGE}"}}`);
	});

	it.each([
		['zeros between two digits', `1.${'0'.repeat(300_000)}1`, undefined],
		['zeros in front', `0.${'0'.repeat(300_000)}1e300001`, 1],
		['zeros at the end', `2.5${'0'.repeat(300_000)}`, 2.5],
	])('parses a number with very many %s', (_, number, expected) => {
		const row = promptly(() => parseExactly(`{"n":${number}}`));
		expect(row).toEqual({ n: expected ?? number });
	});

	it('parses a number of many megabytes, also beside a string that looks like one', () => {
		const number = '7'.repeat(20_000_000);
		const json = `{"n":${number},"text":"x:${TOO_LARGE},"}`;
		expect((parseExactly(`[${number}]`) as string[])[0] === number).toBe(true);
		expect((parseExactly(json) as { n: string }).n === number).toBe(true);
	});

	it('parses a string of many megabytes', () => {
		const text = `,${TOO_LARGE},${'\n"'.repeat(4_000_000)}${'7'.repeat(4_000_000)}`;
		const json = `{"text":${JSON.stringify(text)},"n":${TOO_LARGE}}`;
		const row = parseExactly(json) as { text: string; n: string };
		expect(row.text === text).toBe(true);
		expect(row.n).toBe(TOO_LARGE);
	});

	it('parses every double as the same number, in 17 digits and in its shortest form', () => {
		const bits = new DataView(new ArrayBuffer(8));
		for (let seed = 1; seed < 20_000; seed++) {
			bits.setUint32(0, Math.imul(seed, 2654435761));
			bits.setUint32(4, Math.imul(seed, 1597334677));
			const value = bits.getFloat64(0);
			if (!Number.isFinite(value) || Number.isInteger(value)) continue;
			for (const number of [String(value), value.toPrecision(17), value.toExponential(16)]) {
				expect([number, parseExactly(`[${number}]`)]).toEqual([number, [value]]);
			}
		}
	});

	it('returns the same as a parser that goes through the JSON character by character', () => {
		for (let seed = 0; seed < 20_000; seed++) {
			const json = randomJson(seed);
			const row = parseExactly(json);
			if (JSON.stringify(row) !== JSON.stringify(parseSlowly(json))) {
				expect({ json, row }).toEqual({ json, row: parseSlowly(json) });
			}
		}
	});
});
