import { ActionIcon, Drawer, Menu, Select, useMantineColorScheme } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import {
  CalendarSync,
  ChartNoAxesCombined,
  Code,
  FilterX,
  Funnel,
  Gem,
  LogOut,
  Mail,
  Menu as MenuIcon,
  MonitorCog,
  Moon,
  Search,
  Send,
  ShoppingBasket,
  Signpost,
  Store,
  Sun,
  TicketPercent,
  TrendingUp,
  Users,
  UsersRound,
  Waypoints,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { getSession, signOut } from '../../../schemas/api/administration.ts';
import { call, Problem } from '../call.ts';
import { SessionContext, type SiteInfo, useSession } from '../session.ts';
import { SignIn } from './sign-in.tsx';
import { ErrorState, State } from './states.tsx';

const places = [
  {
    title: 'Understand',
    links: [
      { to: '/$site', label: 'Overview', icon: ChartNoAxesCombined },
      { to: '/$site/funnel', label: 'Funnel', icon: Funnel },
      { to: '/$site/paths', label: 'Paths', icon: Waypoints },
      { to: '/$site/retention', label: 'Retention', icon: CalendarSync },
      { to: '/$site/trends', label: 'Trends', icon: TrendingUp },
      { to: '/$site/attribution', label: 'Attribution', icon: Signpost },
      { to: '/$site/value', label: 'Value', icon: Gem },
      { to: '/$site/baskets', label: 'Abandoned baskets', icon: ShoppingBasket },
      { to: '/$site/search', label: 'Search to rating', icon: Search },
      { to: '/$site/segments', label: 'Segments', icon: UsersRound },
      { to: '/$site/people', label: 'People', icon: Users },
    ],
  },
  {
    title: 'Act',
    links: [
      { to: '/$site/automations', label: 'Automations', icon: Send },
      { to: '/$site/discounts', label: 'Discounts', icon: TicketPercent },
      { to: '/$site/outbox', label: 'Outbox', icon: Mail },
    ],
  },
  {
    title: 'Data',
    links: [
      { to: '/$site/setup', label: 'Set-up', icon: Code },
      { to: '/$site/rejected', label: 'Rejected events', icon: FilterX },
    ],
  },
] as const;

/** Asks who is signed in; without a session there is only the way to get one. */
export const Shell = () => {
  const session = useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => call<typeof getSession>({ method: 'GET', path: '/api/session' }, {}, { signal }),
    staleTime: 60_000,
  });
  if (session.data !== undefined)
    return (
      <SessionContext value={session.data}>
        <Frame />
      </SessionContext>
    );
  if (session.error instanceof Problem && session.error.status === 401) return <SignIn />;
  if (session.error !== null)
    return (
      <main className="page">
        <ErrorState error={session.error} retry={() => void session.refetch()} />
      </main>
    );
  return <main className="page" aria-busy="true" />;
};

const Frame = () => {
  const { sites } = useSession();
  const { site: id } = useParams({ strict: false }) as { site?: string };
  const [isMenuOpen, setMenuOpen] = useState(false);
  const site = sites.find((one) => one.id === id);
  const side = site === undefined ? null : <Side site={site} close={() => setMenuOpen(false)} />;
  return (
    <div className="shell">
      <a className="skip" href="#content">
        To the content
      </a>
      <div className="top-bar">
        <ActionIcon variant="subtle" size="lg" aria-label="Open the menu" onClick={() => setMenuOpen(true)}>
          <MenuIcon size={20} />
        </ActionIcon>
        <Brand site={site} />
        {site?.demo === true && <span className="tag">Demo data</span>}
      </div>
      <aside className="side" aria-label="Desirepath">
        <Brand site={site} />
        {side}
      </aside>
      <Drawer opened={isMenuOpen} onClose={() => setMenuOpen(false)} title="Desirepath" size={280} padding="md">
        {side}
      </Drawer>
      <main id="content" tabIndex={-1} style={{ outline: 'none', minWidth: 0 }}>
        {id === undefined || site !== undefined ? (
          <Outlet />
        ) : (
          <div className="page">
            <State title={`There is no site “${id}”`}>
              <Link to="/">Go to the first site</Link>
            </State>
          </div>
        )}
      </main>
    </div>
  );
};

const Brand = ({ site }: { site: SiteInfo | undefined }) => (
  <Link to="/$site" params={{ site: site?.id ?? '' }} className="brand">
    <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width={26} height={26} />
    Desirepath
  </Link>
);

const Side = ({ site, close }: { site: SiteInfo; close: () => void }) => {
  const { sites } = useSession();
  const navigate = useNavigate();
  return (
    <>
      {sites.length > 1 ? (
        <Select
          aria-label="Site"
          data={sites.map(({ id, name }) => ({ value: id, label: name }))}
          value={site.id}
          allowDeselect={false}
          onChange={(id) => {
            if (id !== null) void navigate({ to: '/$site', params: { site: id } });
          }}
        />
      ) : (
        <div className="row" style={{ padding: '0 10px' }}>
          <span className="clip" style={{ fontWeight: 600 }}>
            {site.name}
          </span>
        </div>
      )}
      <nav className="nav" aria-label="Pages">
        {places.map(({ title, links }) => (
          <div key={title} className="nav">
            <div className="nav-title">{title}</div>
            {links.map(({ to, label, icon: Icon }) => (
              <Link
                key={to}
                to={to}
                params={{ site: site.id }}
                activeOptions={{ exact: to === '/$site', includeSearch: false }}
                onClick={close}
              >
                <Icon size={17} aria-hidden />
                {label}
              </Link>
            ))}
          </div>
        ))}
      </nav>
      <SideFoot site={site} />
    </>
  );
};

const SideFoot = ({ site }: { site: SiteInfo }) => {
  const queries = useQueryClient();
  const leave = async (): Promise<void> => {
    await call<typeof signOut>({ method: 'DELETE', path: '/api/session' }, {});
    queries.clear();
    window.location.reload();
  };
  return (
    <div className="side-foot">
      {site.demo && (
        <div className="row apart small" style={{ padding: '0 6px', whiteSpace: 'nowrap' }}>
          <span className="tag">Demo data</span>
          <a href="/demo" target="_blank" rel="noreferrer" className="row" style={{ gap: 5 }}>
            <Store size={14} aria-hidden /> The shop
          </a>
        </div>
      )}
      <div className="row apart">
        <ThemeMenu />
        <button type="button" className="quiet" onClick={() => void leave()}>
          <LogOut size={15} aria-hidden /> Sign out
        </button>
      </div>
    </div>
  );
};

const schemes = [
  { value: 'auto', label: 'As the system', icon: MonitorCog },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
] as const;

const ThemeMenu = () => {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = schemes.find(({ value }) => value === colorScheme)?.icon ?? MonitorCog;
  return (
    <Menu position="top-start">
      <Menu.Target>
        <button type="button" className="quiet">
          <Icon size={15} aria-hidden /> Theme
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {schemes.map(({ value, label, icon: Own }) => (
          <Menu.Item key={value} leftSection={<Own size={15} />} onClick={() => setColorScheme(value)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
};

export const FirstSite = () => {
  const { sites } = useSession();
  const site = sites[0];
  if (site !== undefined) return <Navigate to="/$site" params={{ site: site.id }} replace />;
  return (
    <div className="page">
      <State title="There is no site yet">
        Make one with <code>POST /api/sites</code>; the README shows how.
      </State>
    </div>
  );
};

export const NothingHere = (): ReactNode => (
  <div className="page">
    <State title="There is nothing at this address">
      <Link to="/">Go to the overview</Link>
    </State>
  </div>
);

export const PageFault = ({ error }: { error: unknown }) => (
  <div className="page">
    <ErrorState
      error={error instanceof Error ? error : new Error(String(error))}
      retry={() => window.location.reload()}
    />
  </div>
);
