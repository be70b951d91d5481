using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.Pipelines.Alerts;

namespace Titanic.Web.Pages.Alerts;

/// <summary>The receivers of webhooks, their delivery log, and a test message. Only for the administrator: hosts can be internal.</summary>
[Authorize(AccessPolicies.Admin)]
public sealed class WebhooksModel(
    TitanicDb db, IOptions<AlertOptions> options, AlertEvents events, WebhookSender sender, AuditLog audit) : OperatorPageModel
{
    private const int RowsPerPage = 50;

    /// <summary>Page cursor: only deliveries with a smaller id, which contains the time. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public Guid? Before { get; set; }

    /// <summary>The hosts of the receivers; a URL can contain an access token.</summary>
    public IReadOnlyList<string> Hosts => [.. options.Value.Webhooks.Select(webhook => webhook.Address!.Authority)];

    /// <summary>Newest first, each with the id of its alert; null for a test message.</summary>
    public IReadOnlyList<(WebhookDelivery Delivery, long? AlertId)> Deliveries { get; private set; } = [];
    public Guid? NextBefore { get; private set; }

    /// <summary>Why <see cref="Before"/> is invalid; null if it is valid.</summary>
    public string? Problem { get; private set; }

    protected override string Policy => AccessPolicies.Admin;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        if (!ModelState.IsValid)
        {
            Problem = ErrorText.Invalid("The parameter before", Request.Query["before"].ToString(), "the id of a delivery");
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var found = await (
            from delivery in db.WebhookDeliveries.AsNoTracking()
            where Before == null || delivery.DeliveryId < Before
            join occurred in db.AlertEvents on delivery.AlertEventId equals occurred.AlertEventId into occurrences
            from occurred in occurrences.DefaultIfEmpty()
            orderby delivery.DeliveryId descending
            select new { Delivery = delivery, AlertId = (long?)occurred.AlertId }).Take(RowsPerPage + 1).ToListAsync(cancellationToken);
        Deliveries = [.. found.Take(RowsPerPage).Select(row => (row.Delivery, row.AlertId))];
        NextBefore = found.Count > RowsPerPage ? Deliveries[^1].Delivery.DeliveryId : null;
    }

    public async Task<IActionResult> OnPostTestAsync(CancellationToken cancellationToken)
    {
        var receivers = await events.RecordTest(cancellationToken);
        await audit.Record(AuditLog.CallerName(User), "webhook test sent", Quantity.Of(receivers, "receiver"), null, cancellationToken);
        await sender.SendDue(cancellationToken);
        Message = $"Test message sent to {Quantity.Of(receivers, "receiver")}; the delivery log shows the result.";
        return RedirectToPage();
    }
}
