import {
  BadgeCheck,
  CircleX,
  CreditCard,
  Eye,
  FileText,
  Gift,
  Heart,
  LifeBuoy,
  List,
  type LucideIcon,
  Mail,
  MailOpen,
  MapPin,
  MousePointerClick,
  PackageCheck,
  RotateCcw,
  Search,
  ShoppingBasket,
  ShoppingCart,
  Sparkle,
  Star,
  Trash2,
  UserCheck,
  UserX,
} from 'lucide-react';
import type { Tone } from './tile.tsx';

type Look = { icon: LucideIcon; tone: Tone };

/** By the first pattern that the event's name meets. */
const looks: readonly (readonly [RegExp, Look])[] = [
  [/^Order (Completed|Paid)/, { icon: BadgeCheck, tone: 'good' }],
  [/^Order (Refunded|Returned)|^Return/, { icon: RotateCcw, tone: 'warn' }],
  [/Cancelled|Failed|Denied|Error/, { icon: CircleX, tone: 'bad' }],
  [/^Product Added$/, { icon: ShoppingCart, tone: 'info' }],
  [/^Product Removed$/, { icon: Trash2, tone: 'bad' }],
  [/Wishlist/, { icon: Heart, tone: 'info' }],
  [/^Product Viewed|^Product Clicked/, { icon: Eye, tone: 'plain' }],
  [/List|Catalog/, { icon: List, tone: 'plain' }],
  [/Search/, { icon: Search, tone: 'plain' }],
  [/^Cart|Basket/, { icon: ShoppingBasket, tone: 'info' }],
  [/^Payment/, { icon: CreditCard, tone: 'info' }],
  [/^Checkout/, { icon: MapPin, tone: 'info' }],
  [/Coupon|Discount|Promotion/, { icon: Gift, tone: 'info' }],
  [/Unsubscribed|Bounced|Complain|Marked as Spam/, { icon: UserX, tone: 'warn' }],
  [/^Email (Opened|Clicked)|Link Clicked/, { icon: MailOpen, tone: 'good' }],
  [/^Email|^Mail/, { icon: Mail, tone: 'good' }],
  [/Rat(ed|ing)|Review|Survey|NPS/, { icon: Star, tone: 'warn' }],
  [/Support|Ticket|Contact|Chat/, { icon: LifeBuoy, tone: 'warn' }],
  [/Ship|Deliver|Fulfil/, { icon: PackageCheck, tone: 'good' }],
  [/Sign|Account|Identif|^identify$/, { icon: UserCheck, tone: 'good' }],
  [/[Pp]age|screen|Screen/, { icon: FileText, tone: 'plain' }],
  [/Click/, { icon: MousePointerClick, tone: 'plain' }],
];

const other: Look = { icon: Sparkle, tone: 'plain' };

/** What kind of thing happened, at a glance. */
export const EventIcon = ({ event }: { event: string }) => {
  const { icon: Icon, tone } = looks.find(([pattern]) => pattern.test(event))?.[1] ?? other;
  return (
    <span className={`badge-icon ${tone}`} aria-hidden>
      <Icon size={15} />
    </span>
  );
};

/** Segment's own calls have no name of their own. */
export const eventTitle = (event: string, type = ''): string => {
  const name = event === '' ? type : event;
  return { $page: 'Page viewed', page: 'Page viewed', $identify: 'Identified', identify: 'Identified' }[name] ?? name;
};
