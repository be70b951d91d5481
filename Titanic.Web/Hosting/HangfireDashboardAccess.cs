using Hangfire.Dashboard;
using Titanic.Web.Access;

namespace Titanic.Web.Hosting;

/// <summary>
/// Shows the dashboard to the signed-in administrator and nobody else. Hangfire's default, "whoever asks from this machine", would open
/// it to everyone behind a proxy on the same host.
/// </summary>
public sealed class HangfireDashboardAccess : IDashboardAuthorizationFilter
{
    public bool Authorize(DashboardContext context) => context.GetHttpContext().User.IsInRole(AccessPolicies.AdminRole);
}
