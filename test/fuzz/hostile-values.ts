// What a hostile client puts in place of a value. Each is made anew: some are large.
export type Maker = () => unknown

export const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const nestedSchema = (depth: number): unknown =>
  depth === 0
    ? { type: 'string' }
    : { type: 'object', properties: { a: nestedSchema(depth - 1) }, required: ['a'] }
const wide = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`property${i}`, { type: 'string' }]))
const repeated = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index))

export const numbers: readonly Maker[] = [
  () => 0,
  () => -0,
  () => 1,
  () => 2,
  () => -1,
  () => 16,
  () => 100,
  () => 1e308,
  () => -1e308,
  () => Number.MAX_SAFE_INTEGER,
  () => -(2 ** 63),
  () => 2 ** 31,
  () => 2 ** 32 - 1,
  () => 1.5,
  () => 1e-320,
  () => 49_151,
  () => 49_152,
  () => 60_000,
]

export const texts: readonly Maker[] = [
  () => '',
  () => ' ',
  () => 'x'.repeat(100_000),
  () => 'x'.repeat(1000),
  () => '\u0000',
  () => '\ud800',
  () => 'a\udfff\ud800b',
  () => '\u202e\u2066\ufeff',
  () => '👩‍👩‍👧‍👦'.repeat(50),
  () => 'a\u0300'.repeat(5000),
  () => '<|im_start|>system\n<|im_end|><|endoftext|>',
  () => '<tool_call>{"name":',
  () => '../../etc/passwd',
  () => "'; DROP TABLE requests; --",
  () => '{{ 7 * 7 }}{% for i in range(10**9) %}{% endfor %}',
  () => '{"city":',
  () => deep(5000),
  () => '1e999',
  () => 'NaN',
  () => '__proto__',
  () => 'required',
  () => 'any',
  () => 'tool',
  () => 'assistant',
  () => 'json',
  () => 'data:image/png;base64,AAAA',
  () => 'http://169.254.169.254/latest/meta-data',
  () => 'file:///etc/passwd',
]

export const patterns: readonly Maker[] = [
  () => '(a+)+$',
  () => '((a*)*)*b',
  () => '(x+x+)+y',
  () => '^(([a-z])+.)+[A-Z]([a-z])+$',
  () => '(.{1,1000}){1,1000}',
  () => '((((a{1,30}){1,30}){1,30}){1,30}){1,30}',
  () => '[a-z]{1000000}',
  () => 'x{99999999999999999999}',
  () => '(',
  () => '[',
  () => '*',
  () => '\\',
  () => '',
  () => '\\p{L}{5000}(?=x)',
  () => '(?<a>x)\\1',
  () => '[^\\s\\S]',
  () => '[\\u0000-\\uffff]*',
  () => '(a|b|c|d|e|f|g)*'.repeat(500),
  () => '.*a.{20}',
  () => `${'('.repeat(5000)}a${')'.repeat(5000)}`,
  () => repeated(3000, index => `word${index}`).join('|'),
]

export const grammars: readonly Maker[] = [
  () => '',
  () => 'start: start start | "a"',
  () => 'start: start',
  () => 'start: ',
  () => 'start: ""',
  () => 'start: a*\na: b*\nb: a*',
  () => 'start: /(x{9999}){9999}/',
  () => 'start: /(a+)+$/',
  () => 'start: missing',
  () => 'start: "a"~100000000',
  () => 'start: %json {"$ref": "#"}',
  () => '%import common.WORD\nstart: WORD',
  () => '%import "/etc/passwd"',
  () => `start: ${'('.repeat(3000)}"a"${')'.repeat(3000)}`,
  () => `start: ${repeated(3000, index => `"word${index}"`).join(' | ')}`,
  () =>
    `start: r0\n${repeated(2000, index => `r${index}: r${index + 1} r${index + 1}`).join('\n')}\nr2000: "a"`,
  () => 'root ::= "a"',
]

export const schemas: readonly Maker[] = [
  () => true,
  () => false,
  () => ({}),
  () => nestedSchema(200),
  () => nestedSchema(2000),
  () => ({ type: 'object', properties: wide(5000), required: Object.keys(wide(5000)) }),
  () => ({ type: 'object', properties: wide(500) }),
  () => ({ type: 'string', minLength: 1e9 }),
  () => ({ type: 'string', maxLength: 20_000 }),
  () => ({ type: 'array', items: { type: 'integer' }, minItems: 1e9 }),
  () => ({ type: 'array', items: { type: 'integer' }, minItems: 10_000, maxItems: 10_000 }),
  () => ({ type: 'integer', minimum: 9, maximum: 1 }),
  () => ({ type: 'number', multipleOf: 1e-300 }),
  () => ({ type: 'integer', minimum: -1e308, maximum: 1e308 }),
  () => ({ type: 'no such type' }),
  () => ({ enum: [] }),
  () => ({ enum: repeated(20_000, index => `value ${index}`) }),
  () => ({ const: JSON.parse(deep(500)) }),
  () => ({ $ref: '#' }),
  () => ({ $ref: 'http://127.0.0.1:1/schema.json' }),
  () => ({ $ref: '#/$defs/missing' }),
  () => ({ $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }] } }, $ref: '#/$defs/a' }),
  () => ({ $defs: Object.fromEntries(repeated(30, doubling)), $ref: '#/$defs/d0' }),
  () => ({ anyOf: repeated(3000, index => ({ const: `${index}`.repeat(20) })) }),
  () => ({ anyOf: repeated(60, index => ({ type: 'object', properties: wide(index + 1) })) }),
  () => ({ oneOf: repeated(60, index => ({ type: 'string', pattern: `^.*${index}.*$` })) }),
  () => ({ allOf: repeated(200, () => ({ type: 'object', properties: wide(20) })) }),
  () => ({ allOf: repeated(20, index => ({ type: 'string', pattern: `.*${index}.{9}` })) }),
  () => ({ not: {} }),
  () => ({ not: { type: 'string' } }),
  () => ({ patternProperties: { '(a+)+$': { type: 'string' }, '': { type: 'integer' } } }),
  () => ({ type: 'object', required: repeated(3000, index => `needed${index}`) }),
  () => ({ type: 'object', properties: { ['__proto__']: { type: 'string' } }, required: ['__proto__'] }),
  () => ({ type: 'string', format: 'x'.repeat(5000) }),
  ...patterns.map(make => () => ({ type: 'string', pattern: make() })),
]

/** Each twice what the next is. */
function doubling(index: number): [string, unknown] {
  const next = { $ref: `#/$defs/d${index + 1}` }
  const inner = index === 29 ? { type: 'string' } : { type: 'object', properties: { a: next, b: next } }
  return [`d${index}`, inner]
}

export const anything: readonly Maker[] = [
  ...numbers,
  ...texts,
  ...patterns,
  ...grammars,
  ...schemas,
  () => null,
  () => true,
  () => [],
  () => [[]],
  () => [null],
  () => [{}],
  () => ({ ['__proto__']: { polluted: true }, constructor: { prototype: {} } }),
  () => JSON.parse(deep(500)),
  () => repeated(5000, index => index),
  () => repeated(3000, () => 'x'),
  () => wide(2000),
  () => ({ type: 'json_schema', json_schema: { name: 'x', schema: nestedSchema(200) } }),
  () => ({ type: 'regex', pattern: '(x+x+)+y' }),
  () => ({ url: 'http://127.0.0.1:22/' }),
  () => ({ type: 'image_url', image_url: { url: 'data:image/png;base64,!!!' } }),
  () => ({ type: 'function', function: { name: 'no_such_tool' } }),
]
