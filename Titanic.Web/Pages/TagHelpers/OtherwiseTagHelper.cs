using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>A link that is the text <see cref="Otherwise"/> instead where one of its route values is missing.</summary>
[HtmlTargetElement("a", Attributes = "otherwise")]
public sealed class OtherwiseTagHelper : TagHelper
{
    public string Otherwise { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (context.AllAttributes.All(attribute => !attribute.Name.StartsWith("asp-route-", StringComparison.Ordinal) || attribute.Value is not (null or "")))
            return;
        output.TagName = null;
        output.Content.SetContent(Otherwise);
    }
}
