/**
 * Which folder may import which. Read by dependency-cruiser in arrows.test.ts. Tests may import anything; product code never imports tests.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const services = ['collector', 'sink', 'analytics', 'automations', 'demo'];

const onlyFrom = (name, packages, home) => ({
  name,
  severity: 'error',
  comment: `${packages} has one home`,
  from: { pathNot: `^(${home})|^test/|\\.test\\.ts$|contract\\.ts$` },
  // A type leaves nothing at run time.
  to: { path: `node_modules/(${packages})/`, dependencyTypesNot: ['type-only'] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'product-imports-no-test',
      severity: 'error',
      from: { path: '^(services|schemas|dashboards)', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^test/' },
    },
    {
      name: 'schemas-import-zod-only',
      severity: 'error',
      from: { path: '^schemas/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^schemas/|node_modules/zod/' },
    },
    {
      name: 'platform-knows-no-service',
      severity: 'error',
      from: { path: '^services/platform/', pathNot: '\\.test\\.ts$' },
      to: { path: `^services/(questions|${services.join('|')})/|^services/[a-z]+\\.ts$` },
    },
    ...services.map((service) => ({
      name: `${service}-imports-no-other-service`,
      severity: 'error',
      from: { path: `^services/${service}/`, pathNot: '\\.test\\.ts$' },
      to: { path: `^services/(${services.filter((other) => other !== service).join('|')})/` },
    })),
    {
      name: 'questions-know-the-warehouse-only',
      severity: 'error',
      from: { path: '^services/questions/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^services/',
        pathNot: '^services/questions/|^services/platform/(warehouse/(warehouse|sql)|failure)\\.ts$',
      },
    },
    {
      name: 'intake-asks-no-questions',
      severity: 'error',
      from: { path: '^services/(collector|sink)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^services/questions/' },
    },
    {
      name: 'adapters-are-chosen-once',
      severity: 'error',
      from: { path: '^services/', pathNot: '^services/platform/|\\.test\\.ts$' },
      to: {
        path: '^services/platform/(log/(embedded|kafka)|warehouse/(embedded|clickhouse|migrate)|mail/(smtp))',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'dashboards-import-schemas-only',
      severity: 'error',
      from: { path: '^dashboards/src/' },
      to: { path: '^services/' },
    },
    {
      name: 'dashboards-take-types-only',
      severity: 'error',
      comment: 'zod stays out of the browser',
      from: { path: '^dashboards/src/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^schemas/', dependencyTypesNot: ['type-only'] },
    },
    onlyFrom('clickhouse-client-has-one-home', '@clickhouse/client', 'services/platform/warehouse/clickhouse'),
    onlyFrom('chdb-has-one-home', 'chdb|@chdb', 'services/platform/warehouse/'),
    onlyFrom('lmdb-has-one-home', 'lmdb', 'services/platform/log/embedded'),
    onlyFrom('nodemailer-has-one-home', 'nodemailer', 'services/platform/mail/'),
    onlyFrom('fastify-has-one-home', 'fastify|@fastify', 'services/platform/http/'),
    onlyFrom('liquid-has-one-home', 'liquidjs', 'services/automations/templates/'),
    onlyFrom('react-has-one-home', 'react|react-dom|@mantine', 'dashboards/'),
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|data)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
