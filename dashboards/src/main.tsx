import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import './app.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './app.tsx';
import { Problem } from './call.ts';
import { cssVariables, theme } from './theme.ts';

/** A refusal stays a refusal; only what may pass by itself is asked again. */
const mayPass = (error: Error): boolean => !(error instanceof Problem) || error.status === 0 || error.status >= 500;

const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 15_000, retry: (failures, error) => failures < 2 && mayPass(error) } },
});

const root = document.getElementById('root');
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
