import { namesIn } from './expressions.ts'
import { childOf, type SyntaxNode } from './node.ts'

/** Fields of nodes in which Python binds a name. */
const bindingFields: Readonly<Record<string, readonly string[]>> = {
  assignment: ['left'],
  augmented_assignment: ['left'],
  for_statement: ['left'],
  for_in_clause: ['left'],
  named_expression: ['name'],
  function_definition: ['name'],
  class_definition: ['name'],
  aliased_import: ['alias'],
  as_pattern: ['alias'],
  import_statement: ['name'],
  import_from_statement: ['name'],
  type_alias_statement: ['left']
}

/** Nodes all names in which are bound. */
const bindingNodes: ReadonlySet<string> = new Set([
  'as_pattern_target',
  'global_statement',
  'nonlocal_statement',
  'case_pattern',
  'delete_statement'
])

/** Every name that a statement, or one within it, may bind or unbind. */
export const bindingsIn = (source: string, node: SyntaxNode): readonly string[] => {
  const names = new Set<string>()
  const visit = (at: SyntaxNode): void => {
    const fields = bindingFields[at.type] ?? []
    for (const child of at.children) {
      if (child.field !== undefined && fields.includes(child.field))
        for (const name of namesIn(source, child)) names.add(name)
    }
    if (bindingNodes.has(at.type)) for (const name of namesIn(source, at)) names.add(name)
    for (const child of at.children) visit(child)
  }
  visit(node)
  return [...names]
}

/** Functions through which code may change what any name means. */
const rewiringNames: ReadonlySet<string> = new Set([
  'setattr',
  'delattr',
  'exec',
  'eval',
  'compile',
  'globals',
  'locals',
  'vars',
  '__import__',
  'importlib',
  'builtins'
])

const plainDunders: ReadonlySet<string> = new Set([
  '__version__',
  '__name__',
  '__doc__',
  '__file__',
  '__main__',
  '__author__'
])

/** Whether a name, or one after a dot such as `__dict__`, lets code change what other names mean. */
export const isRewiringName = (name: string): boolean =>
  rewiringNames.has(name) || (/^__\w+__$/.test(name) && !plainDunders.has(name))

const assignsAttribute = (node: SyntaxNode): boolean => {
  const target =
    node.type === 'assignment' || node.type === 'augmented_assignment' || node.type === 'for_statement'
      ? childOf(node, 'left')
      : undefined
  if (target !== undefined && hasAttribute(target)) return true
  return node.children.some(assignsAttribute)
}

const hasAttribute = (node: SyntaxNode): boolean => node.type === 'attribute' || node.children.some(hasAttribute)

const namesRewiring = (source: string, node: SyntaxNode): boolean =>
  (node.type === 'identifier' && isRewiringName(source.slice(node.start, node.end))) ||
  node.children.some(child => namesRewiring(source, child))

/** Whether a statement may change what names of libraries mean: it sets attributes, or evaluates text as code. */
export const rewires = (source: string, node: SyntaxNode): boolean =>
  assignsAttribute(node) || namesRewiring(source, node)
