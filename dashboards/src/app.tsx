import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { FirstSite, NothingHere, PageFault, Shell } from './parts/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NothingHere, errorComponent: PageFault });
const first = createRoute({ getParentRoute: () => root, path: '/', component: FirstSite });

/** A page is fetched when it is first opened. */
const pages = [
  ['/$site', lazyRouteComponent(() => import('./pages/overview.tsx'), 'OverviewPage')],
  ['/$site/funnel', lazyRouteComponent(() => import('./pages/funnel.tsx'), 'FunnelPage')],
  ['/$site/paths', lazyRouteComponent(() => import('./pages/paths.tsx'), 'PathsPage')],
  ['/$site/retention', lazyRouteComponent(() => import('./pages/retention.tsx'), 'RetentionPage')],
  ['/$site/trends', lazyRouteComponent(() => import('./pages/trends.tsx'), 'TrendsPage')],
  ['/$site/attribution', lazyRouteComponent(() => import('./pages/attribution.tsx'), 'AttributionPage')],
  ['/$site/value', lazyRouteComponent(() => import('./pages/value.tsx'), 'ValuePage')],
  ['/$site/baskets', lazyRouteComponent(() => import('./pages/baskets.tsx'), 'BasketsPage')],
  ['/$site/search', lazyRouteComponent(() => import('./pages/search-to-rating.tsx'), 'SearchToRatingPage')],
  ['/$site/segments', lazyRouteComponent(() => import('./pages/segments.tsx'), 'SegmentsPage')],
  ['/$site/people', lazyRouteComponent(() => import('./pages/people.tsx'), 'PeoplePage')],
  ['/$site/people/$id', lazyRouteComponent(() => import('./pages/person.tsx'), 'PersonPage')],
  ['/$site/automations', lazyRouteComponent(() => import('./pages/automations.tsx'), 'AutomationsPage')],
  ['/$site/automations/new', lazyRouteComponent(() => import('./pages/new-automation.tsx'), 'NewAutomationPage')],
  ['/$site/automations/$id', lazyRouteComponent(() => import('./pages/automation.tsx'), 'AutomationPage')],
  ['/$site/discounts', lazyRouteComponent(() => import('./pages/discounts.tsx'), 'DiscountsPage')],
  ['/$site/outbox', lazyRouteComponent(() => import('./pages/outbox.tsx'), 'OutboxPage')],
  ['/$site/outbox/$id', lazyRouteComponent(() => import('./pages/mail.tsx'), 'MailPage')],
  ['/$site/setup', lazyRouteComponent(() => import('./pages/setup.tsx'), 'SetupPage')],
  ['/$site/rejected', lazyRouteComponent(() => import('./pages/rejected.tsx'), 'RejectedPage')],
] as const;

const routes = pages.map(([path, component]) =>
  createRoute({ getParentRoute: () => root, path, component, errorComponent: PageFault }),
);

export const router = createRouter({
  routeTree: root.addChildren([first, ...routes]),
  basepath: '/app',
  defaultPreload: 'intent',
  scrollRestoration: true,
});
