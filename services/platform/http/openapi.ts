import { z } from 'zod';
import type { Access, Route } from '../../../schemas/api/route.ts';
import { problems } from '../../../schemas/problem.ts';

type Json = Record<string, unknown>;

const security: Readonly<Record<Access, readonly Json[]>> = {
  public: [],
  secretKey: [{ secretKey: [] }],
  viewer: [{ token: [] }, { session: [] }],
  admin: [{ token: [] }, { session: [] }],
};

/** What goes over the wire: `input` for what is sent (defaults are optional), `output` for what is answered. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
};

const parametersOf = (schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] =>
  Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !(field as z.ZodType).safeParse(undefined).success,
    schema: schemaOf(field as z.ZodType, 'input'),
  }));

const operationOf = (route: Route): Json => ({
  summary: route.summary,
  security: security[route.access],
  parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')],
  ...(route.body === undefined
    ? {}
    : {
        requestBody: {
          required: !route.body.safeParse(undefined).success,
          content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
        },
      }),
  responses: {
    [route.status ?? 200]: {
      description: 'Done',
      content: { 'application/json': { schema: schemaOf(route.answer, 'output') } },
    },
    default: {
      description: 'Refused, and why',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
});

/** The OpenAPI 3.1 document of the mounted routes: made from the same schemas that check requests and answers. */
export const openApiOf = (routes: readonly Route[]): Json => {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Desirepath',
      version: '0.1.0',
      description: 'Customer-journey analytics: questions, people, automations.',
    },
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The admin token' },
        secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key of the site' },
        session: { type: 'apiKey', in: 'cookie', name: 'desirepath_session' },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['title', 'status', 'code', 'detail', 'errors'],
          properties: {
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { enum: Object.keys(problems) },
            detail: { type: 'string' },
            errors: {
              type: 'array',
              items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
            },
          },
        },
      },
    },
  };
};
