import type { Tree, TreeCursor } from 'web-tree-sitter'

/** A node of the syntax tree as plain data; it lives on when the parser's own tree is freed. */
export interface SyntaxNode {
  /** Type as tree-sitter-python names it, e.g. `assignment`; the sign itself for signs. */
  readonly type: string
  /** Field of the parent, e.g. `left`. */
  readonly field: string | undefined
  readonly named: boolean
  /** The parser put it in because the source lacks it. */
  readonly missing: boolean
  /** Span in the source, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** 1-based line. */
  readonly line: number
  readonly children: readonly SyntaxNode[]
}

/** Bounds of a tree that is looked at. */
export interface TreeBounds {
  readonly depth: number
  readonly nodes: number
}

type Growing = Omit<SyntaxNode, 'children'> & { readonly children: SyntaxNode[] }

const nodeAt = (cursor: TreeCursor): Growing => ({
  type: cursor.nodeType,
  field: cursor.currentFieldName ?? undefined,
  named: cursor.nodeIsNamed,
  missing: cursor.nodeIsMissing,
  start: cursor.startIndex,
  end: cursor.endIndex,
  line: cursor.startPosition.row + 1,
  children: []
})

/** Moves to the next node after this one's whole subtree; pops what is finished. */
const leaveSubtree = (cursor: TreeCursor, path: Growing[]): boolean => {
  while (!cursor.gotoNextSibling()) {
    if (!cursor.gotoParent()) return false
    path.pop()
  }
  path.pop()
  return true
}

/** Copies a tree; undefined where it is deeper or larger than the bounds. */
export const copyTree = (tree: Tree, bounds: TreeBounds): SyntaxNode | undefined => {
  const cursor = tree.walk()
  try {
    const root = nodeAt(cursor)
    const path: Growing[] = [root]
    let nodes = 1
    let more = cursor.gotoFirstChild()
    while (more) {
      const node = nodeAt(cursor)
      path.at(-1)?.children.push(node)
      path.push(node)
      nodes += 1
      if (nodes > bounds.nodes || path.length > bounds.depth) return undefined
      more = cursor.gotoFirstChild() || leaveSubtree(cursor, path)
    }
    return root
  } finally {
    cursor.delete()
  }
}

/** The child in a field. */
export const childOf = (node: SyntaxNode, field: string): SyntaxNode | undefined =>
  node.children.find(child => child.field === field)

/** Children with a name of their own, without comments. */
export const partsOf = (node: SyntaxNode): readonly SyntaxNode[] =>
  node.children.filter(child => child.named && child.type !== 'comment')

/** Whether a node or one below it has one of the types. */
export const contains = (node: SyntaxNode, types: ReadonlySet<string>): boolean =>
  types.has(node.type) || node.children.some(child => contains(child, types))
