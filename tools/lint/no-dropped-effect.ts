import { ESLintUtils, type TSESTree } from '@typescript-eslint/utils'
import type ts from 'typescript'

// A TaskEither is a function without parameters that returns a promise; dropping one means that nothing happens, which
// no-floating-promises does not see. An Either that is dropped is an error that nobody reads.
const isLazyPromise = (checker: ts.TypeChecker, type: ts.Type): boolean =>
  type.getCallSignatures().some(signature => {
    const result = checker.getReturnTypeOfSignature(signature)
    return signature.parameters.length === 0 && result.getProperty('then') !== undefined
  })

const isEither = (checker: ts.TypeChecker, type: ts.Type): boolean =>
  type.isUnion() &&
  type.types.some(member => {
    const tag = member.getProperty('_tag')
    return tag !== undefined && ['"Left"', '"Right"'].includes(checker.typeToString(checker.getTypeOfSymbol(tag)))
  })

/** Reports a call whose result is an effect that never runs or an Either that nobody looks at. */
export const noDroppedEffect = ESLintUtils.RuleCreator.withoutDocs({
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      effect: 'This makes a TaskEither and drops it: it never runs.',
      either: 'This drops an Either: its error is lost.'
    }
  },
  create: context => {
    const services = ESLintUtils.getParserServices(context)
    const checker = services.program.getTypeChecker()
    const check = (node: TSESTree.ExpressionStatement): void => {
      // The type of `await f()` is what the promise holds.
      const type = services.getTypeAtLocation(node.expression)
      if (isLazyPromise(checker, type)) context.report({ node, messageId: 'effect' })
      else if (isEither(checker, type)) context.report({ node, messageId: 'either' })
    }
    return {
      'ExpressionStatement:has(> CallExpression)': check,
      'ExpressionStatement:has(> AwaitExpression)': check
    }
  }
})
