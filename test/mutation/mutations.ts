import { type Node, type Path, parse, walk } from './syntax.ts'

/** One small change to a file that its tests should notice. */
export interface Mutation {
  file: string
  kind: string
  start: number
  end: number
  text: string
}

type Change = Omit<Mutation, 'file'>

const OPERATORS: Record<string, string[]> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&&': ['||'],
  '||': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
  '&': ['|'],
  '|': ['&'],
  '<<': ['>>'],
  '>>>': ['<<'],
}
const BOUNDARIES = new Set(['<', '<=', '>', '>='])

/** What may be called in the place of another, with the same arguments. */
const TWINS: Record<string, string> = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  some: 'every',
  every: 'some',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  indexOf: 'lastIndexOf',
  find: 'findLast',
  trimStart: 'trimEnd',
  allSettled: 'all',
  any: 'all',
  once: 'on',
}
/** Calls that leave a value of the same type out: `x.sort()` becomes `x`. */
const OMITTABLE = new Set(
  ['filter', 'sort', 'toSorted', 'reverse', 'toReversed', 'slice', 'trim', 'toLowerCase', 'toUpperCase'].concat([
    'catch',
    'finally',
    'flat',
    'replace',
    'replaceAll',
    'normalize',
    'unref',
    'concat',
    'padStart',
    'optional',
  ]),
)

/** All single changes to a file. What a log line says is left alone. */
export function mutationsOf(file: string, text: string): Mutation[] {
  const found: Mutation[] = []
  const sourceOf = (node: Node) => text.slice(node.start, node.end)
  walk(parse(file, text), (node, path) => {
    if (path.some(isLogCall)) return
    for (const change of changesOf(node, path, sourceOf)) {
      if (change.text !== text.slice(change.start, change.end)) found.push({ file, ...change })
    }
  })
  return found
}

function isLogCall(node: Node): boolean {
  return (
    node.type === 'CallExpression' &&
    node.callee.type === 'MemberExpression' &&
    node.callee.property.type === 'Identifier' &&
    ['trace', 'debug', 'info', 'warn', 'error', 'child'].includes(node.callee.property.name)
  )
}

type Sources = (node: Node) => string

function changesOf(node: Node, path: Path, sourceOf: Sources): Change[] {
  return [
    ...changedOperator(node, sourceOf),
    ...changedCondition(node, sourceOf),
    ...changedStatement(node, path),
    ...changedLiteral(node, path, sourceOf),
    ...changedCall(node, sourceOf),
  ]
}

const replace = (kind: string, node: Node, text: string): Change => ({ kind, start: node.start, end: node.end, text })

function changedOperator(node: Node, sourceOf: Sources): Change[] {
  if (node.type === 'LogicalExpression' && node.operator === '??')
    return [
      replace('dropped fallback', node, sourceOf(node.left)),
      replace('fallback', node, `(${sourceOf(node.right)})`),
    ]
  if (node.type === 'UpdateExpression')
    return [
      replace(
        'operator',
        node,
        sourceOf(node).replace(/\+\+|--/, (sign) => (sign === '++' ? '--' : '++')),
      ),
    ]
  if (node.type === 'UnaryExpression' && node.operator === '!')
    return [replace('condition', node, sourceOf(node.argument))]
  if (node.type !== 'BinaryExpression' && node.type !== 'LogicalExpression' && node.type !== 'AssignmentExpression')
    return []
  const { left, right, operator } = node
  return (OPERATORS[operator] ?? []).map((other, i) => ({
    kind: BOUNDARIES.has(operator) && i === 0 ? 'boundary' : 'operator',
    start: left.end,
    end: right.start,
    text: sourceOf({ ...node, start: left.end, end: right.start } as Node).replace(operator, other),
  }))
}

function changedCondition(node: Node, sourceOf: Sources): Change[] {
  if (node.type !== 'IfStatement' && node.type !== 'ConditionalExpression' && node.type !== 'WhileStatement') return []
  const { test } = node
  const negated = replace('condition', test, `!(${sourceOf(test)})`)
  return node.type === 'WhileStatement'
    ? [negated]
    : [negated, replace('condition', test, `(${sourceOf(test)}) && false`)]
}

function changedStatement(node: Node, path: Path): Change[] {
  const isDirective = node.type === 'ExpressionStatement' && 'directive' in node && node.directive
  if (node.type === 'ExpressionStatement' && !isDirective) return [replace('removed statement', node, ';')]
  if (node.type === 'ThrowStatement' || node.type === 'BreakStatement' || node.type === 'ContinueStatement')
    return [replace('removed statement', node, ';')]
  if (node.type === 'IfStatement' && !node.alternate && path.at(-1)?.type !== 'IfStatement')
    return [replace('removed statement', node, ';')]
  return []
}

function changedLiteral(node: Node, path: Path, sourceOf: Sources): Change[] {
  const parent = path.at(-1)
  if (node.type === 'TemplateLiteral' && parent?.type !== 'TaggedTemplateExpression' && sourceOf(node) !== '``')
    return [replace('emptied string', node, "''")]
  if (node.type === 'ArrayExpression' && node.elements.length > 0) return [replace('emptied array', node, '[]')]
  if (node.type !== 'Literal' || isName(node, parent)) return []
  if (typeof node.value === 'boolean') return [replace('flipped boolean', node, String(!node.value))]
  if (typeof node.value === 'string') return [replace('emptied string', node, node.value === '' ? "'changed'" : "''")]
  if (typeof node.value === 'number') return [replace('number', node, anotherNumber(node.value))]
  const pattern = /^\/(\^?)(.*?)(\$?)\/(\w*)$/s.exec(sourceOf(node))
  if (!('regex' in node) || !pattern) return []
  const [, start, middle, end, flags] = pattern
  return [
    ...(start ? [replace('pattern', node, `/${middle}${end}/${flags}`)] : []),
    ...(end && !middle?.endsWith('\\') ? [replace('pattern', node, `/${start}${middle}/${flags}`)] : []),
  ]
}

/** Small numbers are counts and places, where one more matters; of large ones only the order of magnitude does. */
const anotherNumber = (value: number) => String(Number.isInteger(value) && value <= 30 ? value + 1 : value * 3)

function isName(node: Node, parent: Node | undefined): boolean {
  if (!parent) return false
  if (/^(Import|Export)/.test(parent.type)) return true
  return (parent.type === 'Property' || parent.type === 'MemberExpression') && 'key' in parent && parent.key === node
}

function changedCall(node: Node, sourceOf: Sources): Change[] {
  if (node.type === 'AwaitExpression') return [replace('dropped await', node, sourceOf(node.argument))]
  if (node.type !== 'CallExpression') return []
  const { callee, arguments: given } = node
  const changes: Change[] = []
  const [first, second] = given
  const isInAnyOrder = /^Math\.(min|max)$/.test(sourceOf(callee))
  if (first && second && !isInAnyOrder && sourceOf(first) !== sourceOf(second)) {
    const between = sourceOf({ ...node, start: first.end, end: second.start } as Node)
    const text = `${sourceOf(second)}${between}${sourceOf(first)}`
    changes.push({ kind: 'swapped arguments', start: first.start, end: second.end, text })
  }
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return changes
  const { name } = callee.property
  if (OMITTABLE.has(name)) changes.push(replace('omitted call', node, sourceOf(callee.object)))
  if (TWINS[name]) changes.push(replace('other call', callee.property, TWINS[name]))
  return changes
}
